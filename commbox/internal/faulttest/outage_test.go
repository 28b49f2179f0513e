package faulttest_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// extraRequests is what retries may add to the load of a total outage: 8 % of
// 2,000 uploads.
const extraRequests = 2000 * 8 / 100

// TestOutage: while everything fails, retries add little to the load; after it,
// there are retries again.
func TestOutage(t *testing.T) {
	t.Parallel()
	uploads := count(400, 2000)
	limit := int64(uploads + extraRequests)
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
			s := commboxtest.New(t, commboxtest.WithClock(commboxtest.NewClock()))
			s.Fail(tt.fault.Forever())
			requests := &requestCounter{next: s.HTTPClient().Transport}
			client := s.Client(commbox.WithHTTPClient(&http.Client{Transport: requests}))
			each(32, uploads, func(int) {
				_, err := client.UploadMedia(t.Context(), "abc", smallPDF())
				if !matches(err, tt.is) {
					t.Errorf("want %v: %v", tt.is, err)
				}
			})
			n := requests.n.Load()
			t.Logf("%d requests for %d uploads", n, uploads)
			if n < int64(uploads) || n > limit {
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
	uploads := count(400, 2000)
	limit := int64(uploads + extraRequests)
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
		commbox.WithClock(commboxtest.NewClock()))
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
	if n := dials.Load(); n < int64(uploads) || n > limit {
		t.Errorf("%d connections for %d uploads, want at most %d", n, uploads, limit)
	}
}

// TestOneReset: a single lost connection delays an upload by less than it takes to
// notice.
func TestOneReset(t *testing.T) {
	t.Parallel()
	const limit = 100 * time.Millisecond
	uploads := count(100, 2000)
	clock := commboxtest.NewClock()
	s := commboxtest.New(t, commboxtest.WithClock(clock))
	client := s.Client()
	for range uploads {
		s.Fail(commboxtest.Reset(1))
		media, err := client.UploadMedia(t.Context(), "abc", smallPDF())
		if err != nil || media.Attempts != 2 {
			t.Fatalf("%+v, %v", media, err)
		}
	}
	delays := clock.Waited()
	if len(delays) != uploads {
		t.Fatalf("%d delays of %d uploads", len(delays), uploads)
	}
	slices.Sort(delays)
	if median := delays[uploads/2]; median > limit {
		t.Errorf("the median of the delay is %v, want at most %v", median, limit)
	}
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
