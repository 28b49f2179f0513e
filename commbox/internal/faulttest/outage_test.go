package faulttest_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestOutage: while everything fails, retries add at most a fifth to the load;
// after it, there are retries again.
func TestOutage(t *testing.T) {
	t.Parallel()
	const uploads, limit = 2000, 2400
	for name, tt := range map[string]struct {
		fault commboxtest.Fault
		is    error
	}{
		"503":     {commboxtest.Status(503), commbox.ErrServer},
		"429":     {commboxtest.Status(429), commbox.ErrRateLimited}, // with no word of when to come back
		"refused": {commboxtest.Refuse(), syscall.ECONNREFUSED},
		"reset":   {commboxtest.Reset(0), errReset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			s.Fail(tt.fault.Forever())
			requests := &requestCounter{next: s.HTTPClient().Transport}
			client := s.Client(commbox.WithHTTPClient(&http.Client{Transport: requests}),
				commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond, MaxDelay: time.Millisecond}))
			each(32, uploads, func(int) {
				_, err := client.UploadMedia(t.Context(), "abc", smallPDF())
				if !matches(err, tt.is) {
					t.Errorf("want %v: %v", tt.is, err)
				}
			})
			n := requests.n.Load()
			t.Logf("%d requests for %d uploads", n, uploads)
			if n < uploads || n > limit {
				t.Errorf("%d requests for %d uploads, want at most %d", n, uploads, limit)
			}

			s.Recover()
			for range 10 {
				if _, err := client.UploadMedia(t.Context(), "abc", smallPDF()); err != nil {
					t.Fatalf("after the outage: %v", err)
				}
			}
			s.Fail(tt.fault)
			if media, err := client.UploadMedia(t.Context(), "abc", smallPDF()); err != nil || media.Attempts != 2 {
				t.Errorf("after the outage: %+v, %v", media, err)
			}
		})
	}
}

// TestRefusedPort is TestOutage with nobody listening: connections, and not
// requests, are what retries would add.
func TestRefusedPort(t *testing.T) {
	t.Parallel()
	const uploads, limit = 2000, 2400
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	var dials atomic.Int64
	transport := commbox.NewTransport()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		dials.Add(1)
		return dial(ctx, network, address)
	}
	client, err := commbox.New(commbox.APIKey("key"), commbox.WithBaseURL("http://"+address), commbox.WithHTTPClient(&http.Client{Transport: transport}),
		commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond, MaxDelay: time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	each(32, uploads, func(int) {
		_, err := client.UploadMedia(t.Context(), "abc", smallPDF())
		var e *commbox.Error
		if !errors.As(err, &e) || !errors.Is(err, syscall.ECONNREFUSED) || e.BytesSent != 0 || e.MaybeDelivered {
			t.Errorf("%+v: %v", e, err)
		}
	})
	if n := dials.Load(); n < uploads || n > limit {
		t.Errorf("%d connections for %d uploads, want at most %d", n, uploads, limit)
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
			s := newThrottler(t, together)
			client, err := commbox.New(commbox.APIKey("key"), commbox.WithBaseURL(s.URL))
			if err != nil {
				t.Fatal(err)
			}
			var running sync.WaitGroup
			upload := func() {
				if _, err := client.UploadMedia(t.Context(), "abc", smallPDF()); err != nil {
					t.Error(err)
				}
			}
			for range together {
				running.Go(upload)
			}
			<-s.refused
			time.Sleep(50 * time.Millisecond) // until the client has it
			for range uploads - together {
				running.Go(upload)
			}
			running.Wait()

			late := s.since()
			if len(late) != uploads {
				t.Fatalf("%d requests after the 429s, want %d", len(late), uploads)
			}
			if early, _ := slices.BinarySearch(late, time.Second); early > 0 {
				t.Errorf("%d requests came before Retry-After was over, the first after %v", early, late[0])
			}
			if spread := late[uploads-1] - late[0]; spread < 200*time.Millisecond {
				t.Errorf("all came back within %v", spread)
			}
		})
	}
}

// throttler answers the first requests with 429 when all of them are there,
// and the others with success.
type throttler struct {
	*httptest.Server
	refused chan struct{} // closed when the 429s are on their way

	mu       sync.Mutex
	first    int // requests still to be refused
	at       time.Time
	arrivals []time.Duration // of the others, since at
}

func newThrottler(t *testing.T, first int) *throttler {
	t.Helper()
	s := &throttler{first: first, refused: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if s.refuse() {
			<-s.refused
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write([]byte(`{"status":"200","data":[{"id":"1"}]}`))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *throttler) refuse() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == 0 {
		s.arrivals = append(s.arrivals, time.Since(s.at))
		return false
	}
	if s.first--; s.first == 0 {
		s.at = time.Now()
		close(s.refused)
	}
	return true
}

func (s *throttler) since() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.arrivals)
	return s.arrivals
}

// requestCounter counts the requests of a transport.
type requestCounter struct {
	next http.RoundTripper
	n    atomic.Int64
}

func (c *requestCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return c.next.RoundTrip(r)
}

// each calls do with 0 to n-1, so many at a time.
func each(parallel, n int, do func(i int)) {
	var next atomic.Int64
	var running sync.WaitGroup
	for range parallel {
		running.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	running.Wait()
}

// smallPDF is a file that no limit matters for.
func smallPDF() commbox.File { return commbox.FromBytes("offer.pdf", []byte("%PDF-1.7 an offer")) }
