package commboxtest

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"syscall"

	"github.com/commbox-go/client/commbox"
)

// Client returns a client for this server. Base URL, key and certificate are set;
// everything else is the default of package commbox. The given options override all
// of that. The client keeps the key that the server accepts now; for a key that
// rotates, use [commbox.New] with a key source, [Server.URL] and [Server.HTTPClient].
// Client panics if an option cannot work.
func (s *Server) Client(opts ...commbox.Option) *commbox.Client {
	all := []commbox.Option{commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.HTTPClient())}
	if s.options.clock != nil {
		all = append(all, commbox.WithClock(s.options.clock))
	}
	c, err := commbox.New(commbox.APIKey(s.Key()), append(all, opts...)...)
	if err != nil {
		panic("commboxtest: " + err.Error())
	}
	return c
}

// HTTPClient returns a client that trusts the server's certificate. With [Refuse] its
// connections are refused. All clients of this server share their connections, which
// Close closes.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s.client} }

// transport is the transport of the clients that this package makes.
type transport struct {
	server  *Server
	host    string // of the server's URL
	base    *http.Transport
	refused *http.Transport
}

func (s *Server) newTransport(public, private string) *transport {
	base := commbox.NewTransport()
	base.Proxy = nil
	base.Protocols = s.options.protocols()
	dialer := &net.Dialer{}
	base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == public {
			addr = private
		}
		return dialer.DialContext(ctx, network, addr)
	}
	if certificate := s.Certificate(); certificate != nil {
		base.TLSClientConfig.RootCAs = x509.NewCertPool()
		base.TLSClientConfig.RootCAs.AddCert(certificate)
	}
	refused := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(_ context.Context, network, addr string) (net.Conn, error) {
			to, _ := net.ResolveTCPAddr(network, addr)
			return nil, &net.OpError{Op: "dial", Net: network, Addr: to, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		},
	}
	return &transport{server: s, host: public, base: base, refused: refused}
}

// RoundTrip sends the request, unless the next fault of the script is a Refuse. It
// then fails as if nobody listened, even if there is an idle connection.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if to := t.server.doc.find(r); r.URL.Host == t.host && t.server.script.takeRefuse(to.scope()) {
		t.server.records.failed(attemptKey{stream: to.stream, length: r.ContentLength})
		return t.refused.RoundTrip(r)
	}
	return t.base.RoundTrip(r)
}

// CloseIdleConnections is for [http.Client.CloseIdleConnections].
func (t *transport) CloseIdleConnections() { t.base.CloseIdleConnections() }
