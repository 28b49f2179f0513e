package commbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestThrottlingIsShared(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "30")))
	c, clock := fakeClient(s, commbox.WithRetry(commbox.NoRetry()))
	if err := upload(t.Context(), c); !errors.Is(err, commbox.ErrRateLimited) {
		t.Fatal(err)
	}

	ctx, cancel := context.WithDeadline(t.Context(), clock.Now().Add(10*time.Second))
	defer cancel()
	err := upload(ctx, c)
	var e *commbox.Error
	if !errors.As(err, &e) || !errors.Is(err, commbox.ErrRateLimited) || e.RetryAfter != 30*time.Second || e.Attempts != 0 {
		t.Errorf("a call that cannot wait: %#v", err)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests; one was sent while throttled", n)
	}
	if err := upload(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if slept := clock.Waited(); len(slept) != 1 || slept[0] < 30*time.Second || slept[0] > 35*time.Second {
		t.Errorf("slept %v", slept)
	}
}

// TestThrottledTogether: after a 429 to many at once none of them asks again
// before its Retry-After is over, nor does anybody who comes later; then all
// get through, one after the other.
func TestThrottledTogether(t *testing.T) {
	t.Parallel()
	const uploads = 64
	for name, together := range map[string]int{"all at once": uploads, "one, then the others": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &throttler{left: together, refused: make(chan struct{})}
				client, err := commbox.New(commbox.APIKey("key"), commbox.WithHTTPClient(&http.Client{Transport: s}))
				if err != nil {
					t.Fatal(err)
				}
				var running sync.WaitGroup
				start := func(n int) {
					for range n {
						running.Go(func() {
							if err := upload(t.Context(), client); err != nil {
								t.Error(err)
							}
						})
					}
				}
				start(together)
				synctest.Wait() // until the client knows
				start(uploads - together)
				running.Wait()

				slices.Sort(s.arrivals)
				if len(s.arrivals) != uploads {
					t.Fatalf("%d requests after the 429s, want %d", len(s.arrivals), uploads)
				}
				if first := s.arrivals[0]; first < time.Second {
					t.Errorf("a request came after %v, before Retry-After was over", first)
				}
				if spread := s.arrivals[uploads-1] - s.arrivals[0]; spread < 200*time.Millisecond {
					t.Errorf("all came back within %v", spread)
				}
			})
		})
	}
}

// throttler answers its first requests with 429 as soon as all of them are
// there, and the others with success.
type throttler struct {
	refused chan struct{} // closed when the first requests are there

	mu       sync.Mutex
	left     int // requests still to be refused
	at       time.Time
	arrivals []time.Duration // of the others, since at
}

func (s *throttler) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r}
	body := `{"status":"200","data":[{"id":"1"}]}`
	if s.refuse() {
		<-s.refused
		resp.StatusCode, body = http.StatusTooManyRequests, `{"status":"429"}`
		resp.Header.Set("Retry-After", "1")
	}
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return resp, nil
}

func (s *throttler) refuse() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 {
		s.arrivals = append(s.arrivals, time.Since(s.at))
		return false
	}
	if s.left--; s.left == 0 {
		s.at = time.Now()
		close(s.refused)
	}
	return true
}

// TestOneThrottlingEnds: a Retry-After of an hour holds the other calls for as
// long as the policy waits at most, and those after them not at all.
func TestOneThrottlingEnds(t *testing.T) {
	t.Parallel()
	const most = 2*time.Minute + 20*time.Second // MaxRetryAfter, and the spread
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "3600")))
	c, clock := fakeClient(s)
	if err := upload(t.Context(), c); !errors.Is(err, commbox.ErrRateLimited) {
		t.Fatal(err)
	}
	began := clock.Now()
	for range 3 {
		if err := upload(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if waited := clock.Now().Sub(began); waited < time.Minute || waited > most {
		t.Errorf("waited %v: %v", waited, clock.Waited())
	}
}

// TestThrottledChannelHoldsNoOtherUp: while calls to one channel are throttled
// again and again, one to another channel waits for MaxRetryAfter in all.
func TestThrottledChannelHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	const busy, most = 6, 3 * time.Minute
	refuse, arrived := make(chan struct{}), make(chan struct{}, busy)
	rt := roundTripper(func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		resp := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"status":"200","data":[{"id":"1"}]}`)), ContentLength: -1}
		if strings.HasSuffix(r.URL.Path, "/busy") {
			arrived <- struct{}{}
			<-refuse
			resp.StatusCode = http.StatusTooManyRequests
			resp.Header.Set("Retry-After", "100")
		}
		return resp, nil
	})
	c, err := commbox.New(commbox.APIKey("key"), commbox.WithHTTPClient(&http.Client{Transport: rt}), commbox.WithRetry(commbox.NoRetry()))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	refuseOne := func() { refuse <- struct{}{}; <-done }
	left := busy - 1
	f := commboxtest.NewClock()
	c.WithClock(f.Now, func(ctx context.Context, d time.Duration) {
		f.Sleep(ctx, d)
		if left > 0 {
			left--
			refuseOne()
		}
	}, func() float64 { return 0.999999999 })
	var running sync.WaitGroup
	for range busy {
		running.Go(func() {
			if _, err := c.UploadMedia(t.Context(), "busy", smallPDF()); !errors.Is(err, commbox.ErrRateLimited) {
				t.Error(err)
			}
			done <- struct{}{}
		})
	}
	for range busy {
		<-arrived
	}
	refuseOne()
	began := f.Now()
	if _, err := c.UploadMedia(t.Context(), "other", smallPDF()); err != nil {
		t.Error(err)
	}
	if waited := f.Now().Sub(began); waited < 100*time.Second || waited > most {
		t.Errorf("waited %v: %v", waited, f.Waited())
	}
	for range left {
		refuseOne()
	}
	running.Wait()
}

// TestThrottlingDuringTheKeySource: what begins while a call gets its key holds
// that call too.
func TestThrottlingDuringTheKeySource(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "30")))
	f := commboxtest.NewClock()
	var c *commbox.Client
	asked := 0
	source := commbox.KeyFunc(func(ctx context.Context) (string, error) {
		if asked++; asked == 1 {
			if err := upload(ctx, c); !errors.Is(err, commbox.ErrRateLimited) {
				t.Error(err)
			}
		}
		return s.Key(), nil
	})
	var err error
	c, err = commbox.New(source, commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.HTTPClient()), commbox.WithRetry(commbox.NoRetry()))
	if err != nil {
		t.Fatal(err)
	}
	c.WithClock(f.Now, f.Sleep, func() float64 { return 0 })
	began := f.Now()
	if err := upload(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if waited := f.Now().Sub(began); waited < 30*time.Second {
		t.Errorf("waited %v: %v", waited, f.Waited())
	}
}
