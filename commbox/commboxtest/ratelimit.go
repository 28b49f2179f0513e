package commboxtest

import (
	"sync"
	"time"
)

// limiter lets limit requests through in each window of time. If limit is 0, it lets
// all through.
type limiter struct {
	limit  int
	window time.Duration

	mu    sync.Mutex
	until time.Time // the end of the window
	used  int
}

// take counts one request. If the window is full, it returns the time until the window
// ends.
func (l *limiter) take(now time.Time) (wait time.Duration, full bool) {
	if l.limit <= 0 {
		return 0, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.until) {
		l.until, l.used = now.Add(l.window), 0
	}
	if l.used >= l.limit {
		return l.until.Sub(now), true
	}
	l.used++
	return 0, false
}
