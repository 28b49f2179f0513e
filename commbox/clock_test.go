package commbox_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// fakeClock goes on only by sleeping, and notes how long. Its jitter is the
// longest possible.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newFakeClock() *fakeClock { return &fakeClock{now: time.Now()} }

func (f *fakeClock) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fakeClock) Sleep(_ context.Context, d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
	f.slept = append(f.slept, d)
}

func (f *fakeClock) Slept() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Duration(nil), f.slept...)
}

// newServer is a CommBox for one test, which ends with no contract broken.
func newServer(t *testing.T, opts ...commboxtest.Option) *commboxtest.Server {
	t.Helper()
	s := commboxtest.NewServer(opts...)
	t.Cleanup(func() {
		s.Close()
		for _, v := range s.Violations() {
			t.Errorf("contract: %s", v)
		}
	})
	return s
}

// fakeClient is a client of s whose delays cost no time.
func fakeClient(s *commboxtest.Server, opts ...commbox.Option) (*commbox.Client, *fakeClock) {
	f := newFakeClock()
	return s.Client(opts...).WithClock(f.Now, f.Sleep, func() float64 { return 0.999999999 }), f
}

// smallPDF is a file that no limit and no size of a buffer plays a part for.
func smallPDF() commbox.File { return commbox.FromBytes("offer.pdf", []byte("%PDF-1.7 an offer")) }
