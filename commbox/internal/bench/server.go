package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime/multipart"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// endpoints is what the server process prints for its parent.
type endpoints struct {
	TLS, Plain string // base URLs
	CA         []byte // PEM
}

// server discards uploads. The path of an upload chooses the form of the answer.
type server struct {
	endpoints
	http http.Server
	// received, if set, is called with the name and the SHA-256 of every uploaded file. Only the test sets it, because
	// hashing would change what the bench measures.
	received func(name string, sum [sha256.Size]byte)

	gate    atomic.Pointer[chan struct{}] // uploads wait here half-way while it is set
	held    atomic.Int64
	buffers sync.Pool
}

func newServer(received func(string, [sha256.Size]byte)) (*server, error) {
	cert, ca, err := selfSigned()
	if err != nil {
		return nil, err
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	secure, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{received: received}
	s.endpoints = endpoints{TLS: "https://" + secure.Addr().String(), Plain: "http://" + plain.Addr().String(), CA: ca}
	s.buffers.New = func() any { return new([256 * kib]byte) }
	s.http.Handler = s
	// All use HTTP/1.1. HTTP/2 would cost the peers more, and is not compared here.
	config := &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}}
	go func() { _ = s.http.Serve(plain) }()
	go func() { _ = s.http.Serve(tls.NewListener(secure, config)) }()
	return s, nil
}

// serve is the server process. It ends when its parent closes stdin or ends.
func serve(stdin io.Reader, stdout io.Writer) error {
	s, err := newServer(nil)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(stdout).Encode(s.endpoints); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, stdin)
	return err
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/gate" {
		s.control(w, r)
		return
	}
	if err := s.receive(r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answer(r.URL.Path))
}

// control closes the gate (POST), says how many uploads wait at it (GET), and opens it again (DELETE).
func (s *server) control(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		gate := make(chan struct{})
		s.held.Store(0)
		s.gate.Store(&gate)
	case http.MethodDelete:
		close(*s.gate.Swap(nil))
	}
	fmt.Fprint(w, s.held.Load())
}

func (s *server) receive(r *http.Request) error {
	if s.received != nil {
		return s.hash(r)
	}
	if gate := s.gate.Load(); gate != nil {
		if _, err := io.CopyN(io.Discard, r.Body, 8*kib); err != nil {
			return err
		}
		s.held.Add(1)
		<-*gate
	}
	buf := s.buffers.Get().(*[256 * kib]byte)
	defer s.buffers.Put(buf)
	for {
		if _, err := r.Body.Read(buf[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (s *server) hash(r *http.Request) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	for {
		var part *multipart.Part
		if part, err = parts.NextPart(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if part.FileName() == "" {
			continue
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, part); err != nil {
			return err
		}
		s.received(part.FileName(), [sha256.Size]byte(sum.Sum(nil)))
	}
}

func answer(path string) string {
	switch path {
	case "/files": // OpenAI
		return `{"id":"file-1","object":"file","bytes":1,"created_at":1,"filename":"x","purpose":"user_data","status":"processed"}`
	case "/v1/files": // Stripe
		return `{"id":"file_1","object":"file","created":1,"filename":"x","purpose":"dispute_evidence","size":1,"type":"pdf"}`
	}
	return `{"status":"200","description":"Operation successful","response_time":"2025-02-06T07:51:52.2581942Z",` +
		`"data":[{"filename":"x","id":"1"}]}`
}

// selfSigned makes a self-signed certificate for 127.0.0.1.
func selfSigned() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "bench"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, ca, nil
}
