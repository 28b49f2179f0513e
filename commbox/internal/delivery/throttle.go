package delivery

import (
	"sync"
	"time"
)

// throttle is what all calls of a client know of the server's throttling:
// after a 429 to one of them, none is sent before the time that it named.
type throttle struct {
	mu    sync.Mutex
	until time.Time
}

// hold keeps every call back for wait from now. A shorter wait does not
// shorten a longer one.
func (t *throttle) hold(now time.Time, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if until := now.Add(wait); until.After(t.until) {
		t.until = until
	}
}

// remaining is how long calls are still kept back.
func (t *throttle) remaining(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, t.until.Sub(now))
}

// spread is the longest that a call waits beyond a throttling that lasts for
// left, so that the calls that waited do not come back together.
func (p Policy) spread(left time.Duration) time.Duration {
	return min(max(p.ThrottleDelay, left/8), p.MaxDelay)
}
