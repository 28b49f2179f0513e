package commboxtest

import (
	"context"
	"sync"
	"time"

	"github.com/commbox-go/client/commbox"
)

// Clock is a clock on which every wait ends at once and moves the time forward. With
// [commbox.WithClock] (for a client) or [WithClock] (for a server and its clients),
// a test of throttling and retries takes no time. A Clock is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	waited []time.Duration
}

var _ commbox.Clock = (*Clock)(nil)

// NewClock returns a clock that shows the present time.
func NewClock() *Clock { return &Clock{now: time.Now()} }

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the time forward by d and returns at once.
func (c *Clock) Sleep(_ context.Context, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waited = append(c.waited, d)
}

// Waited returns how long each wait would have taken, oldest first.
func (c *Clock) Waited() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.waited...)
}
