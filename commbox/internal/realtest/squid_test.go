package realtest

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// A proxy that asks for a password answers 407 to a request in plain HTTP, and to
// the CONNECT that comes before one over TLS. CommBox never sees either.
func TestSquidAsksForAPassword(t *testing.T) {
	t.Parallel()
	long(t)
	p := launch(t, "squid", func(p *process) []string {
		return []string{"-N", "-f", p.write(t, "squid.conf", `
http_port $ADDR
pid_filename none
cache deny all
access_log none
cache_log $DIR/cache.log
coredump_dir $DIR
netdb_filename none
shutdown_lifetime 0 seconds
auth_param basic program /usr/lib/squid/basic_fake_auth
acl known proxy_auth REQUIRED
http_access allow known
`)}
	})
	for name, secure := range map[string]bool{"plain": false, "CONNECT": true} {
		for size, announced := range map[int]bool{10 << 10: false, 8 << 20: true} {
			options := []commboxtest.Option{commboxtest.WithKey(key)}
			if secure {
				options = append(options, commboxtest.WithTLS())
			}
			server := commboxtest.New(t, options...)
			upload := func(user *url.Userinfo) (*commbox.Media, error) {
				transport := commbox.NewTransport()
				transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: p.addr, User: user})
				if secure {
					transport.TLSClientConfig = trusting(server.Certificate())
				}
				t.Cleanup(transport.CloseIdleConnections)
				data, _ := content(size, 1)
				return newClient(t, server.URL, commbox.WithHTTPClient(&http.Client{Transport: transport})).
					UploadMedia(t.Context(), stream, commbox.FromBytes("offer.pdf", data))
			}
			_, err := upload(nil)
			var e *commbox.Error
			if !errors.As(err, &e) {
				t.Fatalf("%s: %v", name, err)
			}
			if !secure && e.StatusCode != http.StatusProxyAuthRequired && announced {
				t.Errorf("%s, %d bytes: %v, want status 407", name, size, err)
			}
			if secure && (e.MaybeDelivered || e.BytesSent > 0) {
				t.Errorf("%s, %d bytes: %v, want that nothing was sent", name, size, err)
			}
			if n := len(server.Requests()); n > 0 {
				t.Errorf("%s: %d requests came through without a password", name, n)
			}
			t.Logf("%s, %d bytes, without a password: %v", name, size, err)
			if _, err := upload(url.UserPassword("a", "b")); err != nil {
				t.Errorf("%s, %d bytes, with a password: %v", name, size, err)
			}
		}
	}
}
