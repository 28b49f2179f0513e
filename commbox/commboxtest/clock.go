package commboxtest

import (
	"context"
	"sync"
	"time"

	"github.com/commbox-go/client/commbox"
)

// Clock is a clock on which every wait ends at once and moves the time on. Given
// to a client by [commbox.WithClock], or to a server and its clients by
// [WithClock], it lets a test of throttling and retries take no time. It is safe
// for concurrent use.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	waited []time.Duration
}

var _ commbox.Clock = (*Clock)(nil)

// NewClock returns a clock that stands at the present time.
func NewClock() *Clock { return &Clock{now: time.Now()} }

// Now is the time that the clock stands at.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the time on by d and returns at once.
func (c *Clock) Sleep(_ context.Context, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waited = append(c.waited, d)
}

// Waited is how long each wait would have taken, oldest first.
func (c *Clock) Waited() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.waited...)
}
