package commboxtest_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

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
