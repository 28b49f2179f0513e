package commbox_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

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
	plain := commboxtest.New(t)
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

// TestAlertOfBadLuck: the server says that the failure has nothing to do with the
// client (RFC 8446, section 6.2).
func TestAlertOfBadLuck(t *testing.T) {
	t.Parallel()
	for alert, attempts := range map[byte]int{80: 4, 40: 1} {
		addr, _ := listen(t, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 64<<10))
			_, _ = conn.Write([]byte{21, 3, 3, 0, 2, 2, alert})
			_ = conn.Close()
		})
		err := upload(t.Context(), connect(t, commbox.WithBaseURL("https://"+addr)))
		if e := (*commbox.Error)(nil); !errors.As(err, &e) || e.Attempts != attempts || e.MaybeDelivered {
			t.Errorf("alert %d: error %v", alert, err)
		}
	}
}
