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

// Server is a CommBox server on a loopback port. [New], [NewServer] and
// [NewTLSServer] make one. It is safe for concurrent use. It must be closed; [New]
// does so at the end of the test.
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
	serving  sync.WaitGroup // of the accept loop of the private port
	handling sync.RWMutex   // each handler holds a read lock, so that Close can wait for it
	closing  sync.Once

	ctx    context.Context // ends when the server closes
	cancel context.CancelFunc
}

// NewServer starts a CommBox server that speaks plain HTTP. Like
// [net/http/httptest.NewServer] it panics if it cannot start: if there is no
// loopback port, or if the document (see [WithDocument]) is not valid OpenAPI.
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
	s.records.violated = s.options.violated
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

// start opens two ports. The clients that this package makes use a private port, so
// that a Refuse for one of them never hits the connection of another client.
func (s *Server) start() error {
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if s.options.listener != nil {
		_ = s.http.Listener.Close()
		s.http.Listener = s.options.listener
	}
	s.http.EnableHTTP2 = s.options.http2
	s.http.Config.ConnContext = withConn
	s.http.Config.Protocols = s.options.protocols()
	// The faults cut off handshakes and requests; net/http would log each one.
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

// Close shuts the server down and blocks until its goroutines, connections and ports
// are released. It cuts off running requests at once, including stalled and slow
// ones. The records of the server can still be read. A second Close does nothing.
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

// Certificate returns the certificate of a TLS server, or nil for a plain one. Put it
// into the root pool of a client that is not made by this package.
func (s *Server) Certificate() *x509.Certificate { return s.http.Certificate() }

// Key returns the API key that the server accepts.
func (s *Server) Key() string {
	s.keyMu.Lock()
	defer s.keyMu.Unlock()
	return s.key
}

// SetKey replaces the accepted key, as if it had been created in the CommBox console
// and the old key revoked. The old key is then answered with 401.
func (s *Server) SetKey(key string) {
	s.keyMu.Lock()
	defer s.keyMu.Unlock()
	s.key = key
}
