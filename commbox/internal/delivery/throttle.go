package commbox

import (
	"sync"
	"time"
)

// throttle is what all calls of a client know of CommBox's throttling: after a
// 429 to one of them none is sent before the time that the answer named.
type throttle struct {
	mu    sync.Mutex
	until time.Time
	span  time.Duration
}

// longestHold keeps one strange answer from ending the use of a client.
const longestHold = time.Hour

// hold keeps every call back for wait from now. A shorter wait does not cut a
// longer one short.
func (t *throttle) hold(now time.Time, wait time.Duration) {
	wait = min(wait, longestHold)
	t.mu.Lock()
	defer t.mu.Unlock()
	if until := now.Add(wait); until.After(t.until) {
		t.until, t.span = until, wait
	}
}

// remaining is how long calls are still kept back, and how long they were in
// all: the calls that waited return spread over a part of that.
func (t *throttle) remaining(now time.Time) (left, span time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.until.IsZero() || !now.Before(t.until) {
		return 0, 0
	}
	return t.until.Sub(now), t.span
}

// spread is the longest that a call waits beyond a throttling of span, so that
// those who waited do not return together.
func (p RetryPolicy) spread(span time.Duration) time.Duration {
	return min(max(p.BaseDelay, span/8), p.MaxDelay)
}
