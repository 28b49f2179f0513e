package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// Names of the contenders that the table compares.
const (
	limitName = "limit"
	selfName  = "commbox"
	plainName = "net/http"
)

const (
	uploadPath = "/whatsapp/uploadmedia/" + escapedID
	streamID   = "hNyRN_fLUy7rrOrN9jLpipA=="
	escapedID  = "hNyRN_fLUy7rrOrN9jLpipA%3D%3D"
	apiKey     = "c2f1a9d06be84d7c9a53"
)

// target is where a contender uploads to, and how many uploads run at once.
type target struct {
	URL      string // base URL without a path
	Parallel int
}

// upload sends the file at path and returns after a good answer.
type upload func(ctx context.Context, path string) error

type contender struct {
	Name, About string
	peer        bool // it has no limits to meet, and fewer rounds
	start       func(target) (upload, error)
}

// contenders are in the order of the table. All that take an http.Client or a transport get the same tuned one. So the
// table compares what they add to net/http, and not the two idle connections of its default transport.
func contenders() []contender {
	return []contender{
		{limitName, "raw `tls.Conn` / `net.Conn`, fed the same bytes", false, limit},
		{selfName, "**this client**: `UploadMedia`, `FromPath`", false, self},
		{plainName, "net/http, streaming by hand, answer not decoded", false, streaming},
		{"net/http buffer", "net/http, `bytes.Buffer` and `multipart.Writer`", true, buffered},
		{"net/http pipe", "net/http, `io.Pipe` and `multipart.Writer`", true, piped},
		{"oapi-codegen", "oapi-codegen's client, `bytes.Buffer`", true, generated},
		{"resty v2", "resty v2, `SetFile`", true, restyV2},
		{"resty v3", "resty v3, `SetFile`", true, restyV3},
		{"go-retryablehttp", "hashicorp/go-retryablehttp, streaming body", true, retryable},
		{"failsafe-go", "failsafe-go's HTTP transport, streaming body", true, failsafeGo},
		{"openai-go", "openai-go, `Files.New`", true, openaiGo},
		{"stripe-go", "stripe-go, `V1Files.Create`", true, stripeGo},
	}
}

func transport(t target) *http.Transport {
	tr := http.DefaultTransport.(*http.Transport).Clone()
	tr.MaxIdleConns, tr.MaxIdleConnsPerHost = 0, t.Parallel
	tr.ForceAttemptHTTP2, tr.DisableCompression = false, true
	return tr
}

// The multipart frame of the contenders that write it by hand.
const (
	formType = "multipart/form-data; boundary=4f1c8a7be0d2935164adb07c"
	formHead = "--4f1c8a7be0d2935164adb07c\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"offer.pdf\"\r\n" +
		"Content-Type: application/pdf\r\n\r\n"
	formTail = "\r\n--4f1c8a7be0d2935164adb07c--\r\n"
)

// form returns the cheapest body with net/http alone, and its exact length.
func form(path string) (io.ReadCloser, int64, error) {
	file, size, err := open(path)
	if err != nil {
		return nil, 0, err
	}
	body := struct {
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader(formHead), file, strings.NewReader(formTail)), file}
	return body, int64(len(formHead)) + size + int64(len(formTail)), nil
}

func open(path string) (*os.File, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// drain reads the answer to its end, so that the connection can be used again.
func drain(res *http.Response) error {
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	return check(res.StatusCode, "-")
}

func check(status int, id string) error {
	if status != http.StatusOK || id == "" {
		return fmt.Errorf("status %d, ID %q", status, id)
	}
	return nil
}
