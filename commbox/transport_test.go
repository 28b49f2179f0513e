package commbox_test

import (
	"bytes"
	"crypto/x509"
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

// TestCallersTransportThatDoesNotReport: without net/http's word on the
// connection nothing is taken as proof that a POST was not processed.
func TestCallersTransportThatDoesNotReport(t *testing.T) {
	t.Parallel()
	calls := 0
	rt := roundTripper(func(*http.Request) (*http.Response, error) { calls++; return nil, errors.New("lost") })
	c, err := commbox.New(commbox.APIKey("k"), commbox.WithHTTPClient(&http.Client{Transport: rt}))
	if err != nil {
		t.Fatal(err)
	}
	var e *commbox.Error
	if err := post(t.Context(), c); !errors.As(err, &e) || !e.MaybeDelivered || calls != 1 {
		t.Errorf("%d calls, error %v", calls, err)
	}
}

// TestStaleConnections: a server that closes idle connections costs nothing
// but a new connection, however it coincides with the next upload.
func TestStaleConnections(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	transport := commbox.NewTransport()
	c, err := commbox.New(commbox.APIKey(s.Key()), commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(&http.Client{Transport: staleAfterUse{transport}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	f := commboxtest.NewClock()
	c.WithClock(f.Now, f.Sleep, func() float64 { return 0 })
	for range 20 {
		if err := upload(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

// staleAfterUse closes connections after each use, a moment too late.
type staleAfterUse struct{ *http.Transport }

func (s staleAfterUse) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.Transport.RoundTrip(r)
	time.AfterFunc(time.Millisecond, s.CloseIdleConnections)
	return resp, err
}

// TestClientTimeoutIsNotTheCallers: a Timeout of the caller's http.Client ends
// an attempt, not the call.
func TestClientTimeoutIsNotTheCallers(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Stall(0))
	hc := s.HTTPClient()
	hc.Timeout = time.Second
	var attempts []string
	observe := commbox.WithObserver(func(a commbox.Attempt) { attempts = append(attempts, fmt.Sprint(a.Err)) })
	c, _ := fakeClient(s, commbox.WithHTTPClient(hc), observe)
	media, err := c.UploadMedia(t.Context(), "abc", smallPDF())
	if err != nil || media.Attempts != 2 || !strings.Contains(attempts[0], "the Timeout of the http.Client is over") {
		t.Errorf("media %+v, error %v, attempts %q", media, err, attempts)
	}
}

// TestTransportSpeaksHTTP1 also to a server that knows HTTP/2.
func TestTransportSpeaksHTTP1(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t, commboxtest.WithTLS(), commboxtest.WithHTTP2())
	transport := commbox.NewTransport()
	defer transport.CloseIdleConnections()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(s.Certificate())
	proto := ""
	seeing := roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := transport.RoundTrip(r)
		if err == nil {
			proto = resp.Proto
		}
		return resp, err
	})
	c, err := commbox.New(commbox.APIKey(s.Key()), commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(&http.Client{Transport: seeing}))
	if err != nil {
		t.Fatal(err)
	}
	if err := upload(t.Context(), c); err != nil || proto != "HTTP/1.1" {
		t.Errorf("%s, error %v", proto, err)
	}
}

// TestIdleConnections are kept as long as net/http's own.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	if kept := commbox.NewTransport().IdleConnTimeout; kept != 90*time.Second {
		t.Errorf("idle connections are kept for %v", kept)
	}
}

// TestTransportsThatAreNotHTTPs: what tests of callers use.
func TestTransportsThatAreNotHTTPs(t *testing.T) {
	t.Parallel()
	const answer = `{"status":"200","data":[{"filename":"a.pdf","id":"1"}]}`
	for name, make := range map[string]func() *http.Response{
		"no length": func() *http.Response {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer))}
		},
		"no header": func() *http.Response {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: -1}
		},
		"a huge length": func() *http.Response {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: 9e18}
		},
	} {
		calls := 0
		rt := roundTripper(func(r *http.Request) (*http.Response, error) {
			calls++
			_, _ = io.Copy(io.Discard, r.Body)
			time.Sleep(50 * time.Millisecond)
			return make(), nil
		})
		c, err := commbox.New(commbox.APIKey("k"), commbox.WithHTTPClient(&http.Client{Transport: rt}),
			commbox.WithMaxResponseBytes(1<<63-1), commbox.WithStallTimeout(10*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{10, 100 << 10} {
			calls = 0
			media, err := c.UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", bytes.Repeat([]byte("x"), size)))
			if err != nil || media.ID != "1" || calls != 1 {
				t.Errorf("%s, %d bytes: %d calls, media %+v, error %v", name, size, calls, media, err)
			}
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestTransportThatGivesNoAnswer is one whose connection was lost.
func TestTransportThatGivesNoAnswer(t *testing.T) {
	t.Parallel()
	for name, resp := range map[string]*http.Response{"nothing": nil, "no status": {Body: http.NoBody}} {
		rt := roundTripper(func(*http.Request) (*http.Response, error) { return resp, nil })
		c := connect(t, commbox.WithHTTPClient(&http.Client{Transport: rt}))
		var e *commbox.Error
		if err := upload(t.Context(), c); !errors.As(err, &e) || !errors.Is(err, commbox.ErrConnection) || e.Attempts != 4 || e.Err == nil {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
