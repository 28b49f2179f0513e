package commboxtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
)

// Server is a CommBox on a loopback port of this machine. It is made by [New],
// [NewServer] or [NewTLSServer], is safe for concurrent use, and must be closed;
// [New] sees to that.
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

	client   *transport
	http     *httptest.Server
	serving  sync.WaitGroup // the accept loop of the private port
	handling sync.RWMutex   // read-locked by each handler, so that Close can wait for them
	closing  sync.Once

	ctx    context.Context // ends when the server closes
	cancel context.CancelFunc
}

// NewServer starts a CommBox that speaks plain HTTP. Like
// [net/http/httptest.NewServer] it panics if it cannot start: no loopback
// port, or a document (see [WithDocument]) that is not valid OpenAPI.
func NewServer(opts ...Option) *Server {
	s, err := newServer(opts)
	if err != nil {
		panic("commboxtest: " + err.Error())
	}
	return s
}

// NewTLSServer is [NewServer] with [WithTLS].
func NewTLSServer(opts ...Option) *Server { return NewServer(append(opts, WithTLS())...) }

func newServer(opts []Option) (*Server, error) {
	s := &Server{options: defaults()}
	for _, opt := range opts {
		opt(&s.options)
	}
	s.key = s.options.key
	s.limiter = limiter{limit: s.options.rateLimit, window: s.options.rateWindow}

	var err error
	if s.doc, err = s.options.document(); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := s.start(); err != nil {
		s.cancel()
		return nil, err
	}
	return s, nil
}

// start opens two ports. Connections of the server's own clients come in by a
// private one, so that a refused connection of theirs and one of a stranger are
// never confused.
func (s *Server) start() error {
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if s.options.listener != nil {
		_ = s.http.Listener.Close()
		s.http.Listener = s.options.listener
	}
	s.http.EnableHTTP2 = s.options.http2
	s.http.Config.ConnContext = withConn
	s.http.Config.Protocols = s.options.protocols()
	// Handshakes and requests that are cut off are what this server is for.
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0)

	host, _, _ := net.SplitHostPort(s.http.Listener.Addr().String())
	second, err := net.Listen("tcp", net.JoinHostPort(host, "0")) //nolint:noctx // it does not wait
	if err != nil {
		return err
	}
	public, private := s.listen(s.http.Listener, false), s.listen(second, true)
	s.http.Listener = public
	var accepted net.Listener = private
	if s.options.secure {
		s.http.StartTLS()
		accepted = tls.NewListener(private, s.http.TLS)
	} else {
		s.http.Start()
	}
	s.URL = s.http.URL
	s.client = s.newTransport(public.Addr().String(), private.Addr().String())
	s.serving.Go(func() { _ = s.http.Config.Serve(accepted) }) // ends when Close closes the port
	return nil
}

// Close shuts the server down and blocks until its goroutines, connections and
// ports are released. Requests that are under way, stalled and slow ones too,
// are cut off at once. What the server recorded can still be read. Closing
// again does nothing.
func (s *Server) Close() {
	s.closing.Do(func() {
		s.cancel()
		_ = s.http.Config.Close() // before httptest's Close, which would wait for requests to end
		s.serving.Wait()
		s.client.CloseIdleConnections()
		s.http.Close()
		s.handling.Lock()
		defer s.handling.Unlock()
	})
}

// Certificate is the certificate of a TLS server, nil for a plain one. Put it
// into the root pool of a client that is not made by this package.
func (s *Server) Certificate() *x509.Certificate { return s.http.Certificate() }

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
