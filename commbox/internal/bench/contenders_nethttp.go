package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"

	"github.com/commbox-go/client/gen"
)

// streaming is the cheapest upload with net/http: exact length, no copy, and the answer is not decoded.
func streaming(t target) (upload, error) {
	return exchange(t, (&http.Client{Transport: transport(t)}).Do, streamingRequest, drain), nil
}

// buffered is what most tutorials show.
func buffered(t target) (upload, error) {
	return exchange(t, (&http.Client{Transport: transport(t)}).Do, bufferedRequest, decode), nil
}

// piped is what the better tutorials show.
func piped(t target) (upload, error) {
	return exchange(t, (&http.Client{Transport: transport(t)}).Do, pipedRequest, decode), nil
}

// exchange makes an upload from a function that sends a request of net/http.
func exchange(t target, do func(*http.Request) (*http.Response, error),
	request func(context.Context, target, string) (*http.Request, error), read func(*http.Response) error) upload {
	return func(ctx context.Context, path string) error {
		req, err := request(ctx, t, path)
		if err != nil {
			return err
		}
		res, err := do(req) //nolint:bodyclose // read closes it
		if err != nil {
			return err
		}
		return read(res)
	}
}

func streamingRequest(ctx context.Context, t target, path string) (*http.Request, error) {
	body, size, err := form(path)
	if err != nil {
		return nil, err
	}
	req, err := newRequest(ctx, t, formType, body)
	if err == nil {
		req.ContentLength = size
	}
	return req, err
}

func bufferedRequest(ctx context.Context, t target, path string) (*http.Request, error) {
	body, formType, err := buffer(path)
	if err != nil {
		return nil, err
	}
	return newRequest(ctx, t, formType, body)
}

func pipedRequest(ctx context.Context, t target, path string) (*http.Request, error) {
	reader, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	go func() { writer.CloseWithError(writeForm(form, path)) }()
	return newRequest(ctx, t, form.FormDataContentType(), reader)
}

// generated is oapi-codegen's client alone.
func generated(t target) (upload, error) {
	client, err := gen.NewClientWithResponses(t.URL, gen.WithHTTPClient(&http.Client{Transport: transport(t)}),
		gen.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+apiKey)
			return nil
		}))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, path string) error {
		body, formType, err := buffer(path)
		if err != nil {
			return err
		}
		res, err := client.UploadMediaWithBodyWithResponse(ctx, streamID, formType, body)
		if err != nil {
			return err
		}
		if res.JSON200 == nil {
			return check(res.StatusCode(), "")
		}
		return nil
	}, nil
}

func buffer(path string) (*bytes.Buffer, string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := writeForm(form, path)
	return &body, form.FormDataContentType(), err
}

func writeForm(form *multipart.Writer, path string) error {
	file, _, err := open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	part, err := form.CreateFormFile("pic", filepath.Base(path))
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, file); err != nil {
		return err
	}
	return form.Close()
}

func newRequest(ctx context.Context, t target, formType string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL+uploadPath, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", formType)
	return req, nil
}

// envelope is the answer, as a program without this client would declare it.
type envelope struct {
	Status string `json:"status"`
	Data   []struct {
		ID string `json:"id"`
	} `json:"data"`
}

func decode(res *http.Response) error {
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var e envelope
	if err := json.Unmarshal(answer, &e); err != nil {
		return err
	}
	return e.check(res.StatusCode)
}

func (e envelope) check(status int) error {
	if len(e.Data) == 0 {
		return check(status, "")
	}
	return check(status, e.Data[0].ID)
}
