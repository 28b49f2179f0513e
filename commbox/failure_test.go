package commbox_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// listen answers each connection to it with what handle does, and counts them.
func listen(t *testing.T, handle func(net.Conn)) (addr string, accepted *atomic.Int64) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted = new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			handle(conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String(), accepted
}

func connect(t *testing.T, opts ...commbox.Option) *commbox.Client {
	t.Helper()
	c, err := commbox.New(commbox.APIKey("k"), opts...)
	if err != nil {
		t.Fatal(err)
	}
	f := newFakeClock()
	return c.WithClock(f.Now, f.Sleep, func() float64 { return 0 })
}

// TestNoConnection: nothing was sent, so any call is tried again.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	closed, _ := listen(t, func(c net.Conn) { _ = c.Close() })
	unresolved := commbox.NewTransport()
	unresolved.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "api.commbox.io", IsNotFound: true}}
	}
	slow := commbox.NewTransport()
	slow.TLSHandshakeTimeout = 50 * time.Millisecond
	silent, _ := listen(t, func(c net.Conn) { t.Cleanup(func() { _ = c.Close() }) })
	tests := map[string][]commbox.Option{
		"nobody listens":        {commbox.WithBaseURL("http://127.0.0.1:1/")},
		"no such host":          {commbox.WithHTTPClient(&http.Client{Transport: unresolved})},
		"handshake interrupted": {commbox.WithBaseURL("https://" + closed)},
		"handshake that stalls": {commbox.WithBaseURL("https://" + silent), commbox.WithHTTPClient(&http.Client{Transport: slow})},
		"handshake, own limit":  {commbox.WithBaseURL("https://" + silent), commbox.WithResponseTimeout(50 * time.Millisecond)},
	}
	for name, opts := range tests {
		for kind, call := range map[string]func(context.Context, *commbox.Client) error{
			"upload":     func(ctx context.Context, c *commbox.Client) error { return upload(ctx, c) },
			"other POST": func(ctx context.Context, c *commbox.Client) error { return post(ctx, c) },
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				err := call(t.Context(), connect(t, opts...))
				var e *commbox.Error
				if !errors.As(err, &e) || e.Attempts != 4 || e.MaybeDelivered || e.BytesSent != 0 || e.StatusCode != 0 {
					t.Errorf("error %#v: %v", e, err)
				}
				if again := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded); again {
					t.Errorf("the caller's context has not ended: %v", err)
				}
			})
		}
	}
}

// TestUntrusted: no attempt mends the certificate, so there is one.
func TestUntrusted(t *testing.T) {
	t.Parallel()
	secure := commboxtest.NewTLSServer()
	t.Cleanup(secure.Close)
	plain := newServer(t)
	modern := commbox.NewTransport()
	modern.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12, ServerName: "another.example"}
	modern.TLSClientConfig.RootCAs.AddCert(secure.Certificate())
	tests := map[string][]commbox.Option{
		"an unknown authority": {commbox.WithBaseURL(secure.URL)},
		"another name":         {commbox.WithBaseURL(secure.URL), commbox.WithHTTPClient(&http.Client{Transport: modern})},
		"no TLS at all":        {commbox.WithBaseURL("https" + plain.URL[len("http"):])},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := upload(t.Context(), connect(t, opts...))
			var e *commbox.Error
			if !errors.As(err, &e) || e.Attempts != 1 || e.MaybeDelivered {
				t.Errorf("error %#v: %v", e, err)
			}
		})
	}
}

// TestStaleConnections: a server that closes idle connections costs nothing
// but a new connection, however it coincides with the next upload.
func TestStaleConnections(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	transport := commbox.NewTransport()
	c, err := commbox.New(commbox.APIKey(s.Key()), commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(&http.Client{Transport: staleAfterUse{transport}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	f := newFakeClock()
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

// TestAnswersThatDrip: the response timeout is for the whole answer.
func TestAnswersThatDrip(t *testing.T) {
	t.Parallel()
	addr, accepted := listen(t, func(conn net.Conn) {
		go func() {
			defer func() { _ = conn.Close() }()
			_, _ = conn.Read(make([]byte, 64<<10))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
			for range 100 {
				time.Sleep(20 * time.Millisecond)
				if _, err := conn.Write([]byte(" ")); err != nil {
					return
				}
			}
		}()
	})
	c := connect(t, commbox.WithBaseURL("http://"+addr), commbox.WithResponseTimeout(200*time.Millisecond))
	err := upload(t.Context(), c)
	var e *commbox.Error
	if !errors.As(err, &e) || e.Attempts != 4 || accepted.Load() != 4 || !e.MaybeDelivered || !errors.Is(err, commbox.ErrInvalidResponse) {
		t.Errorf("%d connections, error %v", accepted.Load(), err)
	}
}

// TestClientTimeoutIsNotTheCallers: a Timeout of the caller's http.Client ends
// an attempt, not the call.
func TestClientTimeoutIsNotTheCallers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Stall(0))
	hc := s.HTTPClient()
	hc.Timeout = time.Second
	c, _ := fakeClient(s, commbox.WithHTTPClient(hc))
	media, err := c.UploadMedia(t.Context(), "abc", smallPDF())
	if err != nil || media.Attempts != 2 {
		t.Errorf("media %+v, error %v", media, err)
	}
}

// TestContextRulesOverSources that wait before the first byte, and before the
// first byte of a second attempt.
func TestContextRulesOverSources(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(503))
	never := make(chan struct{})
	defer close(never)
	opened := 0
	reopened := commbox.File{Name: "a.pdf", Size: 4, Open: func() (io.ReadCloser, error) {
		if opened++; opened > 1 {
			<-never
		}
		return io.NopCloser(strings.NewReader("%PDF")), nil
	}}
	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	begun, more := io.Pipe()
	defer func() { _ = more.Close() }()
	go func() { _, _ = more.Write(make([]byte, 1000)) }()
	stops := commbox.File{Name: "a.pdf", Size: 5000, Open: func() (io.ReadCloser, error) { return begun, nil }}
	f := newFakeClock()
	c := s.Client().WithClock(f.Now, f.Sleep, func() float64 { return 0 })
	for name, file := range map[string]commbox.File{
		"a silent pipe": commbox.FromReader("a.pdf", r), "a slow Open": reopened, "a small file that stops": stops,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		start := time.Now()
		_, err := c.UploadMedia(ctx, "abc", file)
		cancel()
		var e *commbox.Error
		if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
			t.Errorf("%s: error %v after %v", name, err, time.Since(start))
		}
	}
}

// TestReaderThatBlocks: the caller's context rules over a source that does not
// yield, and over one that is refused meanwhile.
func TestReaderThatBlocks(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]commboxtest.Fault{"stalled": commboxtest.Stall(1 << 30), "refused": commboxtest.EarlyAnswer(401)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(fault)
			r, w := io.Pipe()
			defer func() { _ = w.Close() }()
			go func() { _, _ = w.Write(make([]byte, 4096)) }()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			start := time.Now()
			_, err := s.Client().UploadMedia(ctx, "abc", commbox.FromReader("a.pdf", r))
			if err == nil || time.Since(start) > 10*time.Second {
				t.Errorf("error %v after %v", err, time.Since(start))
			}
			if name == "refused" && !errors.Is(err, commbox.ErrUnauthorized) {
				t.Errorf("error %v", err)
			}
		})
	}
}
