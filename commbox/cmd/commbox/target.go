package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// target is where the files go.
type target struct {
	client  *commbox.Client
	stream  string
	baseURL string // as the journal knows it
	note    string // what the user must know of it
	close   func()
}

// connect returns CommBox, the one inside this process for --demo, or for
// --dry-run none at all.
func connect(a uploadArgs) (target, error) {
	t := target{stream: a.stream, baseURL: os.Getenv("COMMBOX_BASE_URL"), close: func() {}}
	if t.baseURL == "" {
		t.baseURL = commbox.DefaultBaseURL
	}
	if a.demo {
		t.baseURL = "demo" // the port is another one each time
	}
	if t.stream == "" { // of --demo or --dry-run
		t.stream = "demo"
	}
	var err error
	switch {
	case a.dryRun:
		t.client, err = commbox.New(commbox.APIKey("unused"), commbox.WithHTTPClient(&http.Client{Transport: nowhere{}}))
	case a.demo:
		server := commboxtest.NewServer()
		t.client, t.close = server.Client(), server.Close
		t.note = fmt.Sprintf("demo: uploading to a CommBox inside this process, at %s; the media IDs are made up", server.URL)
	case a.bandwidth > 0:
		t.client, err = commbox.NewFromEnv(commbox.WithHTTPClient(a.bandwidth.slowed()))
	default:
		t.client, err = commbox.NewFromEnv()
	}
	return t, err
}

// nowhere is a transport that reads what it is to send, and answers that all is
// well: a dry run meets every check that the client makes of a file.
type nowhere struct{}

func (nowhere) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, err := io.Copy(io.Discard, req.Body)
		if err := errors.Join(err, req.Body.Close()); err != nil {
			return nil, err
		}
	}
	const answer = `{"status":"200","data":[{"id":"none"}]}`
	return &http.Response{
		StatusCode:    http.StatusOK,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(answer)),
		Body:          io.NopCloser(strings.NewReader(answer)),
		Request:       req,
	}, nil
}
