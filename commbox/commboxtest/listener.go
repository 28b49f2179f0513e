package commboxtest

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// listener accepts the connections of one port and knows those that are open.
type listener struct {
	*net.TCPListener
	own    bool // of the clients that this package makes
	refuse func() bool

	mu     sync.Mutex
	closed bool
	conns  map[*conn]struct{}
}

func (s *Server) listen(l net.Listener, own bool) *listener {
	return &listener{
		TCPListener: l.(*net.TCPListener),
		own:         own,
		refuse:      func() bool { return s.script.takeRefuse(scope{}) },
		conns:       make(map[*conn]struct{}),
	}
}

// Accept waits for the next connection that no fault refuses.
func (l *listener) Accept() (net.Conn, error) {
	for {
		tcp, err := l.AcceptTCP()
		if err != nil {
			return nil, err
		}
		c := &conn{TCPConn: tcp, listener: l}
		if !l.own && l.refuse() {
			c.reset()
			continue
		}
		l.mu.Lock()
		closed := l.closed
		if !closed {
			l.conns[c] = struct{}{}
		}
		l.mu.Unlock()
		if closed {
			_ = tcp.Close()
			return nil, net.ErrClosed
		}
		return c, nil
	}
}

// closeAll closes the port and every connection that came in by it.
func (l *listener) closeAll() {
	_ = l.Close()
	l.mu.Lock()
	l.closed = true
	open := make([]*conn, 0, len(l.conns))
	for c := range l.conns {
		open = append(open, c)
	}
	l.mu.Unlock()
	for _, c := range open {
		_ = c.Close()
	}
}

// conn is an accepted connection, below TLS.
type conn struct {
	*net.TCPConn
	listener *listener
}

// Close closes the connection in the ordinary way.
func (c *conn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.conns, c)
	c.listener.mu.Unlock()
	return c.TCPConn.Close()
}

// reset ends the connection with a TCP reset, also under TLS.
func (c *conn) reset() {
	_ = c.SetLinger(0)
	_ = c.Close()
}

type connKey struct{}

// withConn lets a handler find the connection its request came by.
func withConn(ctx context.Context, nc net.Conn) context.Context {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	return context.WithValue(ctx, connKey{}, nc)
}

func connOf(ctx context.Context) *conn { return ctx.Value(connKey{}).(*conn) }

// shrinkWindow keeps the operating system from taking in what the server does
// not read, so that a slow server is felt at the other end. Less than this, and
// TCP crawls even when the server reads again.
func (c *conn) shrinkWindow() { _ = c.SetReadBuffer(64 << 10) }
