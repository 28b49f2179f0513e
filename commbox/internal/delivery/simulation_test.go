package delivery

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// simulated is a Client whose server and clock are simulated.
type simulated struct {
	*Client
	now      time.Time
	requests int
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) { return t(req) }

// simulate returns a client with a server that answers request n with a
// status; 0 resets the connection.
func simulate(policy Policy, answer func(n int) int) *simulated {
	s := &simulated{now: time.Unix(0, 0)}
	random := rand.New(rand.NewPCG(1, 2))
	s.Client = New(Config{
		HTTP: http.Client{Transport: transport(func(req *http.Request) (*http.Response, error) {
			s.requests++
			trace := httptrace.ContextClientTrace(req.Context())
			trace.GetConn("")
			trace.GotConn(httptrace.GotConnInfo{})
			status := answer(s.requests)
			if status == 0 {
				return nil, syscall.ECONNRESET
			}
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), ContentLength: 2}, nil
		})},
		Key:       func(context.Context) (string, error) { return "key", nil },
		Authorize: func(http.Header, string) {},
		Policy:    policy, StallTimeout: time.Minute, ResponseTimeout: time.Minute, MaxResponse: 1 << 20,
		Clock: Clock{
			Now:    func() time.Time { return s.now },
			Sleep:  func(_ context.Context, d time.Duration) { s.now = s.now.Add(d) },
			Random: random.Float64,
		},
	})
	return s
}

// run makes calls one after the other. What follows a call may change the
// budget. It returns the share of requests beyond one per call, the share of
// successes, and the median of the delays of the calls.
func (s *simulated) run(t *testing.T, calls int, after func(retries int)) (extra, succeeded float64, median time.Duration) {
	t.Helper()
	var delays []time.Duration
	for range calls {
		began, before := s.now, s.requests
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, f := s.Do(Call{Request: req, RepeatSafe: true}); f == nil {
			succeeded++
		}
		delays = append(delays, s.now.Sub(began))
		after(s.requests - before - 1)
	}
	slices.Sort(delays)
	return float64(s.requests-calls) / float64(calls), succeeded / float64(calls), delays[calls/2]
}

// TestRetrySimulation prints what the prices and delays of retries come to, in
// 2,000 calls one after the other, beside other ways: go test -v -run
// RetrySimulation ./commbox/internal/delivery.
func TestRetrySimulation(t *testing.T) {
	t.Parallel()
	const calls = 2000
	coin := rand.New(rand.NewPCG(3, 4))
	servers := []struct {
		name   string
		answer func() func(int) int
	}{
		{"total outage", func() func(int) int { return func(int) int { return 503 } }},
		{"half outage", func() func(int) int { return func(int) int { return [...]int{200, 503}[coin.IntN(2)] } }},
		{"throttling", func() func(int) int { return func(n int) int { return [...]int{200, 200, 429}[n%3] } }},
		{"one reset in 50", func() func(int) int {
			return func(n int) int { return [...]int{200, 0}[min(1, max(0, n%50-48))] }
		}},
		{"one reset a call", func() func(int) int { return func(n int) int { return [...]int{200, 0}[n%2] } }},
	}
	old := defaults
	old.BaseDelay, old.ThrottleDelay = 500*time.Millisecond, 500*time.Millisecond
	ways := []struct {
		name   string
		policy Policy
		after  func(s *simulated) func(retries int)
	}{
		{"this client", defaults, func(*simulated) func(int) { return func(int) {} }},
		{"5 tokens, 500 ms", old, func(s *simulated) func(int) {
			return func(retries int) { s.budget.spent = max(0, s.budget.spent-retries*(transientPrice-throttledPrice)) }
		}},
		{"no retries", Policy{MaxAttempts: 1, MaxDelay: time.Second, MaxRetryAfter: time.Minute}, func(*simulated) func(int) { return func(int) {} }},
		{"4 attempts, no budget", defaults, func(s *simulated) func(int) { return func(int) { s.budget.spent = 0 } }},
	}
	var table strings.Builder
	for _, server := range servers {
		for _, way := range ways {
			s := simulate(way.policy, server.answer())
			extra, succeeded, median := s.run(t, calls, way.after(s))
			fmt.Fprintf(&table, "%-18s %-22s %6.1f %% more requests %6.1f %% succeed, median delay %v\n",
				server.name, way.name, 100*extra, 100*succeeded, median.Round(time.Millisecond))
			if way.name != "this client" {
				continue
			}
			if server.name == "total outage" && extra > 0.08 {
				t.Errorf("%.1f %% more requests in a total outage, want at most 8 %%", 100*extra)
			}
			if strings.HasPrefix(server.name, "one reset") && (succeeded < 1 || median > 100*time.Millisecond) {
				t.Errorf("%s: %.1f %% succeed after a median of %v, want all within 100 ms", server.name, 100*succeeded, median)
			}
		}
	}
	t.Logf("\n%s", &table)
}
