package commboxtest

import (
	"context"
	"crypto/tls"
	"net"
)

// listener accepts the connections of one port.
type listener struct {
	*net.TCPListener
	own    bool // the port is for the clients that this package makes
	refuse func() bool
}

func (s *Server) listen(l net.Listener, own bool) *listener {
	return &listener{l.(*net.TCPListener), own, func() bool { return s.script.takeRefuse(scope{}) }}
}

// Accept waits for the next connection that is not refused by a fault.
func (l *listener) Accept() (net.Conn, error) {
	for {
		tcp, err := l.AcceptTCP()
		if err != nil {
			return nil, err
		}
		c := &conn{tcp, l.own}
		if l.own || !l.refuse() {
			return c, nil
		}
		c.reset()
	}
}

// conn is an accepted connection, below TLS.
type conn struct {
	*net.TCPConn
	own bool // from a client that this package made
}

// reset ends the connection with a TCP reset, even with TLS.
func (c *conn) reset() {
	_ = c.SetLinger(0)
	_ = c.Close()
}

type connKey struct{}

// withConn lets a handler find the connection of its request.
func withConn(ctx context.Context, nc net.Conn) context.Context {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	return context.WithValue(ctx, connKey{}, nc)
}

func connOf(ctx context.Context) *conn { return ctx.Value(connKey{}).(*conn) }

// shrinkWindow limits what the operating system receives while the server does not
// read, so that the client notices a slow server. A smaller buffer would slow TCP down
// even when the server reads again.
func (c *conn) shrinkWindow() { _ = c.SetReadBuffer(64 << 10) }
