package commboxtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// Server is a CommBox on a loopback port of this machine. It is made by
// [NewServer] or [NewTLSServer], is safe for concurrent use, and must be closed.
type Server struct {
	// URL is the base URL, such as "http://127.0.0.1:43567", without a final slash.
	URL string

	doc     *document
	options options
	script  script
	records records
	limiter limiter

	keyMu sync.Mutex
	key   string

	certificate *x509.Certificate
	client      *transport

	http      *http.Server
	listeners []*listener
	serving   sync.WaitGroup // the accept loops
	open      sync.WaitGroup // connections
	handling  sync.RWMutex   // read-locked by each handler, so that Close can wait for them
	closing   sync.Once

	ctx    context.Context // ends when the server closes
	cancel context.CancelFunc
}

// NewServer starts a CommBox that speaks plain HTTP. Like
// [net/http/httptest.NewServer] it panics if it cannot start: no loopback
// port, or a document (see [WithDocument]) that is not valid OpenAPI.
func NewServer(opts ...Option) *Server { return start(opts, false) }

// NewTLSServer starts a CommBox that speaks HTTPS with a certificate of its own
// making, which [Server.HTTPClient] and [Server.Client] trust. It panics when
// [NewServer] would.
func NewTLSServer(opts ...Option) *Server { return start(opts, true) }

func start(opts []Option, secure bool) *Server {
	s, err := newServer(opts, secure)
	if err != nil {
		panic("commboxtest: " + err.Error())
	}
	return s
}

func newServer(opts []Option, secure bool) (*Server, error) {
	s := &Server{options: defaults()}
	for _, opt := range opts {
		opt(&s.options)
	}
	s.key = s.options.key
	s.limiter = limiter{limit: s.options.rateLimit, window: s.options.rateWindow}

	var err error
	if s.doc, err = loadDocument(s.options.document); err != nil {
		return nil, err
	}

	s.http = &http.Server{
		Handler:     http.HandlerFunc(s.serve),
		ConnContext: withConn,
		ConnState:   s.track,
		// Handshakes and requests that are cut off are what this server is for.
		ErrorLog:  log.New(io.Discard, "", 0),
		Protocols: s.options.protocols(),
	}
	scheme := "http"
	if secure {
		pair, err := selfSigned()
		if err != nil {
			return nil, fmt.Errorf("make a certificate: %w", err)
		}
		s.certificate = pair.Leaf
		s.http.TLSConfig = &tls.Config{
			Certificates: []tls.Certificate{pair},
			MinVersion:   tls.VersionTLS12,
		}
		scheme = "https"
	}

	// Connections of the server's own clients come in by a port of their own, so
	// that a refused connection of theirs and one of a stranger are never confused.
	public, err := s.listen(false)
	if err != nil {
		return nil, err
	}
	private, err := s.listen(true)
	if err != nil {
		_ = public.Close()
		return nil, err
	}
	s.listeners = []*listener{public, private}
	s.URL = scheme + "://" + public.Addr().String()
	s.client = s.newTransport(public.Addr().String(), private.Addr().String())

	s.ctx, s.cancel = context.WithCancel(context.Background())
	for _, l := range s.listeners {
		s.serving.Go(func() {
			if secure {
				_ = s.http.ServeTLS(l, "", "")
				return
			}
			_ = s.http.Serve(l) // like ServeTLS always ends with ErrServerClosed, by Close
		})
	}
	return s, nil
}

// Close shuts the server down and blocks until its goroutines, connections and
// ports are released. Requests that are under way, stalled and slow ones too,
// are cut off at once. What the server recorded can still be read. Closing
// again does nothing.
func (s *Server) Close() {
	s.closing.Do(func() {
		s.cancel()
		for _, l := range s.listeners {
			// Before http.Server.Close: that one would wait for each TLS peer
			// to take in a farewell.
			l.closeAll()
		}
		_ = s.http.Close()
		s.client.CloseIdleConnections()
		s.serving.Wait()
		s.open.Wait()
		s.handling.Lock()
		defer s.handling.Unlock()
	})
}

// track counts connections, for Close to wait for.
func (s *Server) track(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.open.Add(1)
	case http.StateClosed, http.StateHijacked: // a hijacked one ends with its handler
		s.open.Done()
	}
}

// Certificate is the certificate of a TLS server, nil for a plain one. Put it
// into the root pool of a client that is not made by this package.
func (s *Server) Certificate() *x509.Certificate { return s.certificate }

// Key is the API key that the server accepts.
func (s *Server) Key() string {
	s.keyMu.Lock()
	defer s.keyMu.Unlock()
	return s.key
}

// SetKey makes key the only accepted one, as if it had been created in the
// CommBox console and the former one revoked: the former is answered with 401.
func (s *Server) SetKey(key string) {
	s.keyMu.Lock()
	defer s.keyMu.Unlock()
	s.key = key
}
