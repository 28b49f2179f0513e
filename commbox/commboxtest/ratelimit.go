package commboxtest

import (
	"sync"
	"time"
)

// limiter lets a number of requests through in each window of time. Without a
// limit it lets all through.
type limiter struct {
	limit  int
	window time.Duration

	mu    sync.Mutex
	until time.Time // the end of the window
	used  int
}

// take reports whether one more request may pass, and if not how long until the
// window ends.
func (l *limiter) take(now time.Time) (wait time.Duration, ok bool) {
	if l.limit <= 0 {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.until) {
		l.until, l.used = now.Add(l.window), 0
	}
	if l.used >= l.limit {
		return l.until.Sub(now), false
	}
	l.used++
	return 0, true
}
