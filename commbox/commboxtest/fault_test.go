package commboxtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// stranger is a client that does not know the server: the machine's own dialling,
// and a pool of its own.
func stranger(t *testing.T, s *commboxtest.Server) *http.Client {
	t.Helper()
	tr := http.DefaultTransport.(*http.Transport).Clone()
	tr.TLSClientConfig = clientTLS(s)
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault       commboxtest.Fault
		status      int
		contentType string
		body        string // a part of it
		header      [2]string
	}{
		"from the document":     {fault: commboxtest.Status(500), status: 500, contentType: "application/json", body: `"Internal Server Error"`},
		"with a header":         {fault: commboxtest.Status(429, commboxtest.Header("Retry-After", "7")), status: 429, contentType: "application/json", body: `429`, header: [2]string{"Retry-After", "7"}},
		"not in the document":   {fault: commboxtest.Status(503), status: 503, contentType: "text/html", body: "<h1>503 Service Unavailable</h1>"},
		"empty":                 {fault: commboxtest.Status(500, commboxtest.Empty()), status: 500},
		"with a body":           {fault: commboxtest.Status(502, commboxtest.Body("text/plain", "upstream gone")), status: 502, contentType: "text/plain", body: "upstream gone"},
		"answer":                {fault: commboxtest.Answer(200, "application/json", `{"status":"400"}`), status: 200, contentType: "application/json", body: `{"status":"400"}`},
		"answer, lying":         {fault: commboxtest.Answer(401, "image/png", `{"status":401}`), status: 401, contentType: "image/png", body: `{"status":401}`},
		"expectation not asked": {fault: commboxtest.ExpectationFailed(), status: 200, contentType: "application/json", body: "offer.pdf"},
		"continue not asked":    {fault: commboxtest.ContinueIgnored(), status: 200, contentType: "application/json", body: "offer.pdf"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(tt.fault)
				r := uploadRequest(t, s, "x", random(2000))
				length := r.ContentLength
				a := mustDo(t, s.HTTPClient(), r)
				if a.StatusCode != tt.status || a.Header.Get("Content-Type") != tt.contentType || !strings.Contains(string(a.body), tt.body) {
					t.Errorf("answer: %s, %q, %q", a.Status, a.Header.Get("Content-Type"), a.body)
				}
				if tt.header[0] != "" && a.Header.Get(tt.header[0]) != tt.header[1] {
					t.Errorf("header: %v", a.Header)
				}
				if tt.body == "" && len(a.body) > 0 {
					t.Errorf("body: %q", a.body)
				}
				log := s.Requests()[0]
				if log.Status != tt.status || log.BodyBytes != length || log.Fault != tt.fault.String() {
					t.Errorf("log: %+v", log)
				}
				if stored := len(s.Uploads()); (tt.body == "offer.pdf") != (stored == 1) {
					t.Errorf("%d uploads stored", stored)
				}
				noViolations(t, s)
			})
		})
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ after, size, read int64 }{
		"at the header":   {0, 100_000, 0},
		"in the middle":   {70_001, 1_000_000, 70_001},
		"after the end":   {1 << 40, 1000, -1},
		"at the last one": {1000, 1000, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(commboxtest.Reset(tt.after))
				r := uploadRequest(t, s, "x", random(int(tt.size)))
				length := r.ContentLength
				_, err := do(s.HTTPClient(), r)
				// What it says depends on what net/http was doing; TestResetOnTheWire looks closer.
				if err == nil {
					t.Error("no error")
				}
				want := tt.read
				if want < 0 {
					want = length
				}
				if log := s.Requests()[0]; log.BodyBytes != want || log.Status != 0 {
					t.Errorf("log: %+v, want %d bytes read", log, want)
				}
				if n := len(s.Uploads()); n != 0 {
					t.Errorf("%d uploads stored", n)
				}
				a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(int(tt.size))))
				if a.StatusCode != 200 || s.Uploads()[0].Attempt != 2 {
					t.Errorf("second attempt: %s, %+v", a.Status, s.Uploads())
				}
				noViolations(t, s)
			})
		})
	}
}

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

func TestStall(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ after, size int64 }{
		"at the header":  {0, 8 << 20},
		"in the middle":  {100_000, 8 << 20},
		"with no answer": {1 << 40, 10_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(commboxtest.Stall(tt.after))
				r := uploadRequest(t, s, "x", random(int(tt.size)))
				length := r.ContentLength
				sent := &meter{r: r.Body}
				r.Body = sent
				done := make(chan error, 1)
				go func() {
					_, err := do(s.HTTPClient(), r)
					done <- err
				}()
				want := min(tt.after, length)
				waitFor(t, "the server to read", func() bool {
					all := s.Requests()
					return len(all) == 1 && all[0].BodyBytes == want
				})
				waitFor(t, "the client to be stuck", func() bool {
					before := sent.n.Load()
					time.Sleep(100 * time.Millisecond)
					return before == sent.n.Load()
				})
				if n := sent.n.Load(); tt.size > 1<<20 && n >= length {
					t.Errorf("the client got rid of all %d bytes", n)
				}
				select {
				case err := <-done:
					t.Fatalf("ended: %v", err)
				default:
				}
				began := time.Now()
				s.Close()
				if d := time.Since(began); d > 5*time.Second {
					t.Errorf("Close took %v", d)
				}
				if err := <-done; err == nil {
					t.Error("no error")
				}
				if got := s.Requests()[0].BodyBytes; got != want {
					t.Errorf("%d bytes read, want %d", got, want)
				}
			})
		})
	}
}

func TestStallFor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		s.Fail(commboxtest.StallFor(1000, 200*time.Millisecond))
		began := time.Now()
		a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(5000)))
		if d := time.Since(began); d < 200*time.Millisecond {
			t.Errorf("took %v", d)
		}
		if u := s.Uploads(); a.StatusCode != 200 || len(u) != 1 || u[0].Attempt != 1 {
			t.Errorf("%s, %+v", a.Status, u)
		}

		// A client that gives up comes back with its second attempt.
		s.Fail(commboxtest.StallFor(1000, time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := do(s.HTTPClient(), uploadRequest(t, s, "x", random(5000)).WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(5000)))
		if u := s.Uploads(); len(u) != 2 || u[1].Attempt != 2 {
			t.Errorf("%+v", u)
		}
	})
}

func TestSlow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		s.Fail(commboxtest.Slow(40_000))
		began := time.Now()
		a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(20_000)))
		if d := time.Since(began); d < 400*time.Millisecond || d > 5*time.Second {
			t.Errorf("20,000 bytes took %v, want about half a second", d)
		}
		if a.StatusCode != 200 || s.Uploads()[0].SHA256 != hash(random(20_000)) {
			t.Errorf("%s, %+v", a.Status, s.Uploads())
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

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	whole := `{"data":[{"filename":"offer.pdf","id":"`
	for name, tt := range map[string]struct {
		fault commboxtest.Fault
		body  string // what arrives of the answer
	}{
		"cut":              {commboxtest.Cut(10), whole[:10]},
		"cut to nothing":   {commboxtest.Cut(0), ""},
		"cut after all":    {commboxtest.Cut(1 << 20), whole},
		"lost":             {commboxtest.LostAnswer(), ""},
		"cut status":       {commboxtest.Status(429, commboxtest.CutAfter(3)), `{"d`},
		"cut empty status": {commboxtest.Status(500, commboxtest.Empty(), commboxtest.CutAfter(3)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(tt.fault)
				a, err := do(s.HTTPClient(), uploadRequest(t, s, "x", random(1000)))
				status := s.Requests()[0].Status
				switch name {
				case "lost":
					if err == nil || status != 0 {
						t.Errorf("status %d, %v", status, err)
					}
				case "cut empty status":
					if err != nil || a.bodyErr != nil || len(a.body) != 0 {
						t.Errorf("%+v %v", a, err)
					}
				default:
					if err != nil || !errors.Is(a.bodyErr, io.ErrUnexpectedEOF) || int64(len(a.body)) >= a.ContentLength || !strings.HasPrefix(string(a.body), tt.body) {
						t.Errorf("%+v %v", a, err)
					}
				}
				stored := len(s.Uploads()) == 1
				if want := status == 200 || status == 0; stored != want {
					t.Errorf("stored: %v, status %d", stored, status)
				}
				if a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(1000))); a.StatusCode != 200 {
					t.Error(a.Status)
				}
				all := s.Uploads()
				if last := all[len(all)-1]; last.Attempt != 2 || stored && last.ID == all[0].ID {
					t.Errorf("uploads: %+v", all)
				}
				noViolations(t, s)
			})
		})
	}
}

// Attempts are counted until one is answered with success that can be used.
func TestAttempts(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewServer()
	defer s.Close()
	faults := []commboxtest.Fault{
		commboxtest.Refuse(), commboxtest.Reset(0), commboxtest.EarlyAnswer(503), commboxtest.Reset(400), commboxtest.Status(500),
		commboxtest.Cut(5), commboxtest.LostAnswer(), commboxtest.Garbled(), commboxtest.WrongTypes(), commboxtest.LooseTypes(),
	}
	for i, fault := range faults {
		s.Fail(fault)
		r := uploadRequest(t, s, "x", random(1000))
		r.GetBody = nil
		_, _ = do(s.HTTPClient(), r)
		mustDo(t, s.HTTPClient(), uploadRequest(t, s, fmt.Sprintf("other%d", i), random(1000)))
	}
	mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(1000)))
	var got []int
	for _, u := range s.Uploads() {
		if u.StreamID == "x" {
			got = append(got, u.Attempt)
		} else if u.Attempt != 1 {
			t.Errorf("%+v", u)
		}
	}
	if want := []int{6, 7, 8, 9, 10, 1}; !slices.Equal(got, want) {
		t.Errorf("attempts %v, want %v", got, want)
	}
}

func TestExpect(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault  []commboxtest.Fault
		status int
		slow   bool // the client had to stop waiting by itself
	}{
		"continue":           {nil, 200, false},
		"ignored":            {[]commboxtest.Fault{commboxtest.ContinueIgnored()}, 200, true},
		"failed":             {[]commboxtest.Fault{commboxtest.ExpectationFailed()}, 417, false},
		"status after a 100": {[]commboxtest.Fault{commboxtest.Status(500)}, 500, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				for _, chunked := range []bool{false, true} {
					s.Fail(tt.fault...)
					expectUpload(t, s, tt.status, tt.slow, chunked)
				}
			})
		})
	}
	t.Run("always ignored", func(t *testing.T) {
		t.Parallel()
		each(t, func(t *testing.T, s *commboxtest.Server) {
			s.Fail(commboxtest.Status(500))
			expectUpload(t, s, 500, true, false)
			expectUpload(t, s, 200, true, true)
		}, commboxtest.WithContinueIgnored())
	})
}

func expectUpload(t *testing.T, s *commboxtest.Server, status int, slow, chunked bool) {
	t.Helper()
	r := uploadRequest(t, s, "x", random(300_000))
	r.Header.Set("Expect", "100-continue")
	if chunked {
		r.ContentLength = -1
	}
	const patience = 300 * time.Millisecond
	c := stranger(t, s)
	c.Transport.(*http.Transport).ExpectContinueTimeout = patience
	began := time.Now()
	a := mustDo(t, c, r)
	if a.StatusCode != status {
		t.Errorf("answer: %s, want %d", a.Status, status)
	}
	if d := time.Since(began); slow && d < patience {
		t.Errorf("took %v, less than the client's patience", d)
	}
	all := s.Uploads()
	if status == 200 && (len(all) == 0 || all[len(all)-1].SHA256 != hash(random(300_000))) {
		t.Errorf("uploads: %+v", all)
	}
}

func TestOutages(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewServer()
	defer s.Close()
	c := s.HTTPClient()
	status := func() int { return mustDo(t, c, uploadRequest(t, s, "x", random(10))).StatusCode }

	s.Fail(commboxtest.Status(503).Times(2), commboxtest.Status(502).Times(0))
	if got := s.Pending(); got != 2 {
		t.Errorf("pending: %d", got)
	}
	if a, b, c := status(), status(), status(); a != 503 || b != 503 || c != 200 {
		t.Errorf("statuses: %d, %d, %d", a, b, c)
	}
	s.Fail(commboxtest.Status(503).Forever(), commboxtest.Status(500))
	for range 20 {
		if got := status(); got != 503 {
			t.Errorf("status %d in an outage", got)
		}
	}
	if got := s.Pending(); got != -1 {
		t.Errorf("pending: %d", got)
	}
	s.Recover()
	if got := status(); got != 200 || s.Pending() != 0 {
		t.Errorf("status %d, %d pending", got, s.Pending())
	}
}

func TestConcurrentFaults(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		s.Fail(commboxtest.Status(500).Times(5), commboxtest.Refuse().Times(5), commboxtest.Reset(10).Times(5), commboxtest.LostAnswer().Times(5))
		var wg sync.WaitGroup
		var mu sync.Mutex
		outcomes := make(map[string]int)
		for range 40 {
			wg.Go(func() {
				r := uploadRequest(t, s, "x", random(1000))
				r.GetBody = nil // or net/http would try again by itself
				outcome := "other error"
				a, err := do(s.HTTPClient(), r)
				switch {
				case err == nil:
					outcome = a.Status
				case errors.Is(err, syscall.ECONNREFUSED):
					outcome = "refused"
				}
				mu.Lock()
				defer mu.Unlock()
				outcomes[outcome]++
			})
		}
		wg.Wait()
		// Requests that are under way may be too late for a refusal; the next ones are not.
		for s.Pending() > 0 {
			_, err := do(s.HTTPClient(), uploadRequest(t, s, "x", random(1000)))
			if !errors.Is(err, syscall.ECONNREFUSED) {
				t.Fatalf("got %v", err)
			}
			outcomes["refused"]++
			outcomes["200 OK"]--
		}
		want := map[string]int{"500 Internal Server Error": 5, "refused": 5, "other error": 10, "200 OK": 20}
		for k, n := range want {
			if outcomes[k] != n {
				t.Errorf("%d x %s, want %d", outcomes[k], k, n)
			}
		}
		if n := len(s.Uploads()); n < 20 {
			t.Errorf("%d uploads", n)
		}
	})
}
