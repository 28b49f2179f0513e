package realtest

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/commbox-go/client/commbox"
)

// wire is a connection that can be made bad: toxiproxy.
type wire struct {
	proxy     *toxiproxy.Proxy
	url       string
	transport *http.Transport
}

// lay puts a toxiproxy before target, a URL, whose certificate is nil if it
// speaks plain HTTP.
func lay(t *testing.T, target string, certificate *x509.Certificate) *wire {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "commbox", "127.0.0.1:0", u.Host)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	transport := commbox.NewTransport()
	if certificate != nil {
		transport.TLSClientConfig = trusting(certificate)
	}
	t.Cleanup(transport.CloseIdleConnections)
	u.Host = proxy.Listen
	return &wire{proxy: proxy, url: u.String(), transport: transport}
}

// poison adds a toxic, as toxiproxy's documentation shows them, to a direction:
// upstream is what the client sends, downstream what it gets.
func (w *wire) poison(t *testing.T, p poison) {
	t.Helper()
	_, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(
		`{"type": %q, "stream": %q, "attributes": {%s}}`, p.toxic, p.direction, p.attributes)))
	if err != nil {
		t.Fatal(err)
	}
}

// heal takes the toxic away; connections that it has are closed, because
// toxiproxy does not give up the data that a toxic holds back.
func (w *wire) heal(t *testing.T) {
	t.Helper()
	w.proxy.Toxics.ResetToxics(t.Context())
	w.transport.CloseIdleConnections()
}

// client uploads by the wire.
func (w *wire) client(t *testing.T, opts ...commbox.Option) *commbox.Client {
	t.Helper()
	return newClient(t, w.url, append([]commbox.Option{
		commbox.WithHTTPClient(&http.Client{Transport: w.transport}),
	}, opts...)...)
}
