package commboxtest_test

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestRefuse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		c := s.HTTPClient()
		mustDo(t, c, uploadRequest(t, s, "x", random(1000))) // leaves an idle connection
		s.Fail(commboxtest.Refuse().Times(2), commboxtest.Status(503))
		for range 2 {
			_, err := do(c, uploadRequest(t, s, "x", random(1000)))
			var op *net.OpError
			if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &op) || op.Op != "dial" {
				t.Errorf("got %v, want a refused connection", err)
			}
		}
		if a := mustDo(t, c, uploadRequest(t, s, "x", random(1000))); a.StatusCode != 503 {
			t.Errorf("third attempt: %s", a.Status)
		}
		if a := mustDo(t, c, uploadRequest(t, s, "x", random(1000))); a.StatusCode != 200 {
			t.Errorf("fourth attempt: %s", a.Status)
		}
		if u := s.Uploads(); len(u) != 2 || u[1].Attempt != 4 {
			t.Errorf("uploads: %+v", u)
		}
		if n := len(s.Requests()); n != 3 {
			t.Errorf("%d requests reached the server", n)
		}
	})
}

func TestRefuseStranger(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		c := stranger(t, s)
		s.Fail(commboxtest.Refuse())
		if _, err := do(c, uploadRequest(t, s, "x", random(1000))); err == nil {
			t.Error("first connection: no error")
		}
		if n := len(s.Requests()); n != 0 {
			t.Errorf("%d requests came through", n)
		}
		mustDo(t, c, uploadRequest(t, s, "x", random(1000)))
		s.Fail(commboxtest.Refuse()) // now with an idle connection
		if _, err := do(c, uploadRequest(t, s, "x", random(1000))); err == nil {
			t.Error("idle connection: no error")
		}
		if a := mustDo(t, c, uploadRequest(t, s, "x", random(1000))); a.StatusCode != 200 {
			t.Error(a.Status)
		}
		if s.Pending() != 0 {
			t.Errorf("%d faults left", s.Pending())
		}
	})
}

func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	for _, expect := range []bool{false, true} {
		t.Run(map[bool]string{false: "unasked", true: "expect"}[expect], func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(commboxtest.EarlyAnswer(413))
				r := uploadRequest(t, s, "x", random(8<<20))
				sent := &meter{r: r.Body}
				r.Body = sent
				if expect {
					r.Header.Set("Expect", "100-continue")
				}
				c := s.HTTPClient()
				a, err := do(c, r)
				if expect {
					if err != nil || a.StatusCode != 413 || !strings.Contains(string(a.body), "413") {
						t.Errorf("answer: %+v, %v", a, err)
					}
					if n := sent.n.Load(); n != 0 {
						t.Errorf("the client sent %d bytes", n)
					}
				}
				// Unasked, it depends on the moment whether the answer or the reset is seen.
				if log := s.Requests()[0]; log.BodyBytes != 0 || log.Status != 413 || log.ExpectContinue != expect {
					t.Errorf("log: %+v", log)
				}
				if a := mustDo(t, c, uploadRequest(t, s, "x", random(1000))); a.StatusCode != 200 {
					t.Error(a.Status)
				}
				noViolations(t, s)
			})
		})
	}
}
