package commbox_test

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
)

// connectProxy is an HTTP proxy for TLS (RFC 9110, section 9.3.6) that asks for
// a password.
type connectProxy struct {
	*httptest.Server
	opened atomic.Int64
}

func newConnectProxy(user, password string) *connectProxy {
	p := new(connectProxy)
	authorization := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Proxy-Authorization") != authorization:
			w.WriteHeader(http.StatusProxyAuthRequired)
		case r.Method != http.MethodConnect:
			w.WriteHeader(http.StatusMethodNotAllowed)
		default:
			p.tunnel(w, r)
		}
	}))
	return p
}

// tunnels is how many tunnels were opened.
func (p *connectProxy) tunnels() int64 { return p.opened.Load() }

func (p *connectProxy) tunnel(w http.ResponseWriter, r *http.Request) {
	upstream, err := new(net.Dialer).DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = upstream.Close() }()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = client.Close() }()
	p.opened.Add(1)
	_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")

	var copying sync.WaitGroup
	copying.Go(func() {
		_, _ = io.Copy(upstream, buffered)
		_ = upstream.(*net.TCPConn).CloseWrite()
	})
	_, _ = io.Copy(client, upstream)
	_ = client.Close()
	copying.Wait()
}
