package commbox_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestMessage is one line of at most 2 KiB, whatever the answer holds.
func TestMessage(t *testing.T) {
	t.Parallel()
	row := `{"recipient":"1","status":"400","failed":"` + strings.Repeat("x", 900) + `\r\n"}`
	for name, body := range map[string]string{
		"many failures":    `{"status":"400","data":[` + strings.Repeat(row+",", 200) + row + `]}`,
		"a long text":      `{"status":"400","description":"` + strings.Repeat("ש", 5000) + `"}`,
		"lines and NULs":   `{"status":"400","description":"a\r\nb\u0000c\u2028d"}`,
		"nothing readable": strings.Repeat("<p>\n", 5000),
	} {
		s := commboxtest.New(t)
		s.Fail(commboxtest.Answer(400, "application/json", body))
		err := upload(t.Context(), s.Client())
		if message := err.Error(); len(message) > 2<<10 || strings.ContainsAny(message, "\r\n\x00\u2028") || !strings.Contains(message, "400") {
			t.Errorf("%s: %d bytes: %.300q", name, len(message), message)
		}
	}
}

// TestMessageForPeople: no hundredths of a second.
func TestMessageForPeople(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{
		time.Hour - 10*time.Millisecond: "retry after 1h0m0s",
		1700 * time.Millisecond:         "retry after 2s",
		20 * time.Millisecond:           "retry after 20ms",
	} {
		if got := (&commbox.Error{StatusCode: 429, RetryAfter: wait}).Error(); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := (&commbox.Error{Op: "upload media", StatusCode: 520, Attempts: 1}).Error(); got != "commbox: upload media: 520 (1 attempt)" {
		t.Errorf("a status without a name: %q", got)
	}
}

// TestKeyIsNoHeadersName: a server that echoes the key as the name of a header
// does not get it into an error.
func TestKeyIsNoHeadersName(t *testing.T) {
	t.Parallel()
	const key = "S3cr3t-Key-12345"
	rt := roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 400, Header: http.Header{"X-" + key: {"1"}}, Body: io.NopCloser(strings.NewReader("")), ContentLength: 0}, nil
	})
	c, err := commbox.New(commbox.APIKey(key), commbox.WithHTTPClient(&http.Client{Transport: rt}))
	if err != nil {
		t.Fatal(err)
	}
	var e *commbox.Error
	if err := upload(t.Context(), c); !errors.As(err, &e) || len(e.Header) != 1 || strings.Contains(fmt.Sprint(e.Header), key) {
		t.Errorf("error %v, header %v", err, e.Header)
	}
}

// TestRefusedFileIsClosed: one that is refused after it was opened.
func TestRefusedFileIsClosed(t *testing.T) {
	t.Parallel()
	c := commboxtest.New(t).Client()
	for name, file := range map[string]commbox.File{
		"empty":      {Name: "a.pdf", Size: -1},
		"too short":  {Name: "a.pdf", Size: 100},
		"wrong type": {Name: "a.png", Size: -1},
	} {
		open := 0
		content := map[string]string{"too short": "%PDF", "wrong type": "%PDF-1.7"}[name]
		file.Open = func() (io.ReadCloser, error) {
			open++
			return &closeCounter{Reader: strings.NewReader(content), open: &open}, nil
		}
		if _, err := c.UploadMedia(t.Context(), "abc", file); !errors.Is(err, commbox.ErrInvalidInput) || open != 0 {
			t.Errorf("%s: %d files open, error %v", name, open, err)
		}
	}
}
