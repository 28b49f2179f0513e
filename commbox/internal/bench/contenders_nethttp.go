package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/commbox-go/client/gen"
)

// streaming is the least that a program can do with net/http: exact length, no copy, the answer only drained.
func streaming(t target) (upload, error) {
	client := &http.Client{Transport: transport(t)}
	return func(ctx context.Context, path string) error {
		req, err := streamingRequest(ctx, t, path)
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		return drain(res)
	}, nil
}

func streamingRequest(ctx context.Context, t target, path string) (*http.Request, error) {
	body, size, err := form(path)
	if err != nil {
		return nil, err
	}
	req, err := newRequest(ctx, t, formType, body)
	if err != nil {
		body.Close()
		return nil, err
	}
	req.ContentLength = size
	return req, nil
}

// buffered is what most tutorials show.
func buffered(t target) (upload, error) {
	client := &http.Client{Transport: transport(t)}
	return func(ctx context.Context, path string) error {
		body, formType, err := buffer(path)
		if err != nil {
			return err
		}
		return send(ctx, client, t, formType, body)
	}, nil
}

// piped is what the better tutorials show.
func piped(t target) (upload, error) {
	client := &http.Client{Transport: transport(t)}
	return func(ctx context.Context, path string) error {
		reader, writer := io.Pipe()
		form := multipart.NewWriter(writer)
		go func() { writer.CloseWithError(writeForm(form, path)) }()
		return send(ctx, client, t, form.FormDataContentType(), reader)
	}, nil
}

// generated is oapi-codegen's client without anything around it.
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
	part, err := form.CreateFormFile("pic", fileName(path))
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

func send(ctx context.Context, client *http.Client, t target, formType string, body io.Reader) error {
	req, err := newRequest(ctx, t, formType, body)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	return decode(res)
}

// envelope is the answer as a program without this client would declare it.
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
