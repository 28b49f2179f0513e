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

// Client returns a client that is ready to talk to the server: base URL, key and
// trust are set, everything else is the default of package commbox. Options that
// are given win. The key is the one at the time of the call; for a client that
// follows a rotation, use [commbox.New] with a key source, [Server.URL] and
// [Server.HTTPClient]. It panics if an option is unusable.
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

// HTTPClient returns a client that trusts the server's certificate and for
// which [Refuse] is a connection that is refused. Its connections are shared by
// all that this server hands out and are closed with it.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s.client} }

// transport is the way to the server for the clients that this package makes.
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

// RoundTrip sends the request, unless the next fault of the script refuses it:
// then it fails as it would with no one listening, even where an idle connection
// could have been used.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if to := t.server.doc.find(r); r.URL.Host == t.host && t.server.script.takeRefuse(to.scope()) {
		t.server.records.failed(attemptKey{stream: to.stream, length: r.ContentLength})
		return t.refused.RoundTrip(r)
	}
	return t.base.RoundTrip(r)
}

// CloseIdleConnections lets [http.Client.CloseIdleConnections] work.
func (t *transport) CloseIdleConnections() { t.base.CloseIdleConnections() }
