package faulttest_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// refuser answers every request as soon as its header is there, and counts
// what comes in by its sockets, below TLS.
type refuser struct {
	URL     string
	status  int
	parting parting
	most    atomic.Int64 // bytes that came in by one connection
}

// parting is what a refuser does after its answer.
type parting string

const (
	staying parting = "kept open"      // and reads on, as if the body were to come
	closing parting = "half-closed"    // having said Connection: close
	hanging parting = "closed at once" // the same, without reading what else may come
)

func newRefuser(t *testing.T, config *tls.Config, status int, parting parting) *refuser {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &refuser{URL: "http://" + l.Addr().String(), status: status, parting: parting}
	if config != nil {
		r.URL = "https://" + l.Addr().String()
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { r.serve(conn.(*net.TCPConn), config) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		serving.Wait()
	})
	return r
}

func (r *refuser) serve(tcp *net.TCPConn, config *tls.Config) {
	defer func() { _ = tcp.Close() }()
	counted := &countedConn{Conn: tcp, most: &r.most}
	var conn net.Conn = counted
	if config != nil {
		conn = tls.Server(counted, config)
	}
	in := bufio.NewReader(conn)
	if _, err := http.ReadRequest(in); err != nil {
		return
	}
	connection := ""
	if r.parting != staying {
		connection = "Connection: close\r\n"
	}
	body := fmt.Sprintf(`{"status":%d,"description":"refused"}`, r.status)
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d Refused\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", r.status, connection, len(body), body)
	switch r.parting {
	case hanging:
		return
	case closing:
		_ = tcp.CloseWrite()
	}
	// Until the client closes.
	_ = tcp.SetReadDeadline(time.Now().Add(time.Minute))
	_, _ = io.Copy(io.Discard, counted)
}

// countedConn counts what is read, and does not lend itself to shortcuts.
type countedConn struct {
	net.Conn
	read int64
	most *atomic.Int64 // of all connections
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read += int64(n)
	for most := c.most.Load(); c.read > most && !c.most.CompareAndSwap(most, c.read); {
		most = c.most.Load()
	}
	return n, err
}

// TestRefusedAtOnce: a server that refuses 100 MiB at once is heard each time,
// and hardly anything was sent.
func TestRefusedAtOnce(t *testing.T) {
	t.Parallel()
	const size, limit = 100 << 20, 64 << 10
	uploads := count(10, 100)
	large := &content{block: make([]byte, 65537), size: size}
	secure := newSink(t, true) // lends its certificate
	for _, config := range []*tls.Config{nil, secure.TLS} {
		for _, status := range []int{401, 413, 429} {
			for _, parting := range []parting{staying, closing, hanging} {
				if !long && config != nil && parting != closing {
					continue
				}
				name := fmt.Sprintf("%d/%s/%s", status, map[bool]string{true: "plain", false: "TLS"}[config == nil], parting)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					r := newRefuser(t, config, status, parting)
					client, err := commbox.New(commbox.APIKey("key"), commbox.WithBaseURL(r.URL), commbox.WithHTTPClient(trusting(t, secure)),
						commbox.WithRetry(commbox.RetryPolicy{MaxAttempts: 1, BaseDelay: time.Nanosecond}))
					if err != nil {
						t.Fatal(err)
					}
					each(10, uploads, func(int) {
						_, err := client.UploadMedia(t.Context(), "abc", commbox.FromReader("a.pdf", large.reader()))
						var e *commbox.Error
						if !errors.As(err, &e) || e.StatusCode != status || e.Description != "refused" || e.BytesSent != 0 || e.MaybeDelivered {
							t.Errorf("%+v: %v", e, err)
						}
					})
					if most := r.most.Load(); most > limit || most == 0 {
						t.Errorf("up to %d bytes came in for an upload, want at most %d", most, limit)
					}
				})
			}
		}
	}
}

// trusting is an http.Client that knows the sink's certificate.
func trusting(t *testing.T, s *sink) *http.Client {
	t.Helper()
	transport := commbox.NewTransport()
	transport.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	transport.ExpectContinueTimeout = time.Minute // a busy machine may take more than the second of NewTransport
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// TestExpectIsLearned: a server that does not answer Expect costs the wait for
// it once per client, and one that refuses it a repetition.
func TestExpectIsLearned(t *testing.T) {
	t.Parallel()
	large := &content{block: make([]byte, 65537), size: 1 << 20}
	for name, fault := range map[string]commboxtest.Fault{"ignored": commboxtest.ContinueIgnored(), "417": commboxtest.ExpectationFailed()} {
		for _, policy := range []commbox.RetryPolicy{{}, commbox.NoRetry()} {
			t.Run(fmt.Sprintf("%s/%d attempts", name, policy.MaxAttempts), func(t *testing.T) {
				t.Parallel()
				s := commboxtest.New(t)
				s.Fail(fault.Forever())
				for range 2 {
					client := s.Client(commbox.WithRetry(policy))
					s.Forget()
					for i := range 5 {
						media, err := client.UploadMedia(t.Context(), "abc", commbox.FromReader("a.pdf", large.reader()))
						if err != nil {
							t.Fatalf("upload %d: %v", i, err)
						}
						if i > 0 && media.Attempts != 1 {
							t.Errorf("upload %d took %d attempts", i, media.Attempts)
						}
					}
					var expected []string
					for _, r := range s.Requests() {
						expected = append(expected, fmt.Sprint(r.ExpectContinue))
					}
					if got := strings.Join(expected, " "); !strings.HasPrefix(got, "true false") || strings.Count(got, "true") != 1 {
						t.Errorf("requests with Expect: %s", got)
					}
				}
			})
		}
	}
}
