package commboxtest_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// rawConn is a client without net/http: tcp below, rw for what is said.
type rawConn struct {
	tcp *net.TCPConn
	rw  io.ReadWriter
}

func dial(t *testing.T, s *commboxtest.Server) *rawConn {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	raw := &rawConn{tcp: c.(*net.TCPConn), rw: c}
	if config := clientTLS(s); config != nil {
		config.ServerName = u.Hostname()
		raw.rw = tls.Client(c, config)
	}
	return raw
}

// ask sends the header of an upload with the start of its body.
func (c *rawConn) ask(t *testing.T, s *commboxtest.Server, length int, extra string, body []byte) {
	t.Helper()
	header := fmt.Sprintf("POST %sx HTTP/1.1\r\nHost: loopback\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n",
		uploadPath, s.Key(), formType, length, extra)
	if _, err := c.rw.Write(append([]byte(header), body...)); err != nil {
		t.Fatal(err)
	}
}

func TestResetOnTheWire(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]commboxtest.Fault{"reset": commboxtest.Reset(5), "refuse": commboxtest.Refuse()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				c := dial(t, s)
				if conn, ok := c.rw.(*tls.Conn); ok {
					if err := conn.HandshakeContext(t.Context()); err != nil {
						t.Fatal(err)
					}
				} else {
					time.Sleep(50 * time.Millisecond) // let it be accepted
				}
				s.Fail(fault)
				c.ask(t, s, 10, "", []byte("12345"))
				var err error
				for err == nil { // what is left of the handshake comes first
					_, err = c.tcp.Read(make([]byte, 1000))
				}
				if !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("got %v, want a TCP reset", err)
				}
			})
		})
	}
}

func TestRefuseOnTheWire(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		s.Fail(commboxtest.Refuse())
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimLeft(s.URL, "htps:/"))
		if err == nil { // the reset can be as quick as that
			defer c.Close()
			_, err = c.Read(make([]byte, 1))
		}
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v, want a TCP reset before anything is sent", err)
		}
	})
}

func TestCutOnTheWire(t *testing.T) {
	t.Parallel()
	body, _ := form("pic", "a.pdf", "application/pdf", []byte("PDF"))
	for name, fault := range map[string]commboxtest.Fault{"cut": commboxtest.Cut(7), "lost": commboxtest.LostAnswer()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(fault)
				c := dial(t, s)
				c.ask(t, s, len(body), "", body)
				got, err := io.ReadAll(c.rw)
				if err != nil {
					t.Errorf("end: %v, want none but the end", err)
				}
				header, sent, _ := strings.Cut(string(got), "\r\n\r\n")
				if name == "lost" && len(got) != 0 {
					t.Errorf("got %q", got)
				}
				if name == "cut" && (sent != `{"data"` || !strings.HasPrefix(header, "HTTP/1.1 200 OK\r\n") || !strings.Contains(header, "Content-Length: ")) {
					t.Errorf("got %q", got)
				}
			})
		})
	}
}

func TestContinueOnTheWire(t *testing.T) {
	t.Parallel()
	body, _ := form("pic", "a.pdf", "application/pdf", []byte("PDF"))
	for name, tt := range map[string]struct {
		fault []commboxtest.Fault
		first int // status of what comes before the body is sent; 0: nothing
		last  int // of what comes after it; 0: the connection ends
	}{
		"continue":       {nil, 100, 200},
		"ignored":        {[]commboxtest.Fault{commboxtest.ContinueIgnored()}, 0, 200},
		"failed":         {[]commboxtest.Fault{commboxtest.ExpectationFailed()}, 417, 0},
		"early":          {[]commboxtest.Fault{commboxtest.EarlyAnswer(401)}, 401, 0},
		"stall at once":  {[]commboxtest.Fault{commboxtest.Stall(0)}, 0, 0},
		"reset at once":  {[]commboxtest.Fault{commboxtest.Reset(0)}, 0, 0},
		"stall, then on": {[]commboxtest.Fault{commboxtest.StallFor(0, time.Second)}, 0, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(tt.fault...)
				c := dial(t, s)
				c.ask(t, s, len(body), "Expect: 100-continue\r\n", nil)
				answers := bufio.NewReader(c.rw)
				first := make(chan int, 1)
				go func() {
					if r, err := http.ReadResponse(answers, nil); err == nil {
						_, _ = io.Copy(io.Discard, r.Body)
						_ = r.Body.Close()
						first <- r.StatusCode
					}
					close(first)
				}()
				var silence <-chan time.Time // for ever where an answer must come
				if tt.first == 0 {
					silence = time.After(200 * time.Millisecond)
				}
				select {
				case got := <-first:
					if got != tt.first {
						t.Fatalf("first answer: %d, want %d", got, tt.first)
					}
				case <-silence:
				}
				if n := s.Requests()[0].BodyBytes; n != 0 {
					t.Errorf("%d bytes read", n)
				}
				if tt.last == 0 {
					return
				}
				if _, err := c.rw.Write(body); err != nil {
					t.Fatal(err)
				}
				if tt.first == 100 {
					r, err := http.ReadResponse(answers, nil)
					if err != nil {
						t.Fatal(err)
					}
					_ = r.Body.Close()
					if r.StatusCode != tt.last {
						t.Errorf("second answer: %s", r.Status)
					}
				} else if got := <-first; name == "ignored" && got != tt.last || name != "ignored" && got != 100 {
					t.Errorf("answer after the body: %d", got)
				}
			})
		})
	}
}
