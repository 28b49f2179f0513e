package main

import (
	"context"
	"net/http"
	"path/filepath"

	"github.com/failsafe-go/failsafe-go/failsafehttp"
	restyv2 "github.com/go-resty/resty/v2"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stripe/stripe-go/v85"
	restyv3 "resty.dev/v3"
)

func restyV2(t target) (upload, error) {
	client := restyv2.NewWithClient(&http.Client{Transport: transport(t)}).SetRetryCount(3).SetDisableWarn(true)
	return func(ctx context.Context, path string) error {
		var answer envelope
		res, err := client.R().SetContext(ctx).SetAuthToken(apiKey).SetFile("pic", path).SetResult(&answer).Post(t.URL + uploadPath)
		if err != nil {
			return err
		}
		return answer.check(res.StatusCode())
	}, nil
}

func restyV3(t target) (upload, error) {
	client := restyv3.NewWithClient(&http.Client{Transport: transport(t)}).SetRetryCount(3).SetLoggerWarnLevel(true)
	return func(ctx context.Context, path string) error {
		var answer envelope
		res, err := client.R().SetContext(ctx).SetAuthToken(apiKey).SetFile("pic", path).SetResult(&answer).Post(t.URL + uploadPath)
		if err != nil {
			return err
		}
		return answer.check(res.StatusCode())
	}, nil
}

func retryable(t target) (upload, error) {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: transport(t)}
	client.Logger = nil
	do := func(req *http.Request) (*http.Response, error) {
		wrapped, err := retryablehttp.FromRequest(req)
		if err != nil {
			return nil, err
		}
		return client.Do(wrapped)
	}
	return exchange(t, do, streamingRequest, decode), nil
}

func failsafeGo(t target) (upload, error) {
	policy := failsafehttp.NewRetryPolicyBuilder().Build() //nolint:bodyclose // there is no response yet
	client := &http.Client{Transport: failsafehttp.NewRoundTripper(transport(t), policy)}
	return exchange(t, client.Do, streamingRequest, decode), nil
}

func openaiGo(t target) (upload, error) {
	client := openai.NewClient(option.WithBaseURL(t.URL+"/"), option.WithAPIKey(apiKey),
		option.WithHTTPClient(&http.Client{Transport: transport(t)}))
	return func(ctx context.Context, path string) error {
		file, _, err := open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		answer, err := client.Files.New(ctx, openai.FileNewParams{File: file, Purpose: openai.FilePurposeUserData})
		if err != nil {
			return err
		}
		return check(http.StatusOK, answer.ID)
	}, nil
}

func stripeGo(t target) (upload, error) {
	client := stripe.NewClient(apiKey, stripe.WithBackends(stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL:        stripe.String(t.URL),
		HTTPClient: &http.Client{Transport: transport(t)},
	})))
	return func(ctx context.Context, path string) error {
		file, _, err := open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		answer, err := client.V1Files.Create(ctx, &stripe.FileCreateParams{
			FileReader: file,
			Filename:   stripe.String(filepath.Base(path)),
			Purpose:    stripe.String(stripe.FilePurposeDisputeEvidence),
		})
		if err != nil {
			return err
		}
		return check(http.StatusOK, answer.ID)
	}, nil
}
