package delivery

import (
	"sync"
	"sync/atomic"
	"time"
)

// throttle is the throttling that all calls of a client share: after a 429 to one
// call, no call is sent before the time that the 429 named.
type throttle struct {
	mu    sync.Mutex
	until time.Time
}

// hold delays every call until wait after now. It never shortens a longer delay.
func (t *throttle) hold(now time.Time, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if until := now.Add(wait); until.After(t.until) {
		t.until = until
	}
}

// remaining returns how long calls are still delayed.
func (t *throttle) remaining(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, t.until.Sub(now))
}

// The prices of the retry budget are those of the standard retry mode of the
// AWS SDKs of November 2026: a full budget pays for 35 retries after transient
// failures or for 100 after throttling. A call that succeeds at once earns
// one token, and a retry that succeeds gets its price back.
const (
	budgetSize     = 500
	transientPrice = 14
	throttledPrice = 5
)

// budget limits the load that retries add in an outage. Retries are paid from a
// bucket of tokens, which only successes refill. The zero budget is full.
type budget struct {
	mu    sync.Mutex
	spent int
}

// take pays for one retry. It reports whether there were enough tokens.
func (b *budget) take(price int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent+price > budgetSize {
		return false
	}
	b.spent += price
	return true
}

// earn records a call that succeeded. paid is the price of its last retry; 0
// if it had none.
func (b *budget) earn(paid int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(0, b.spent-max(paid, 1))
}

// announceFrom is the smallest body, in bytes, that is announced before it is sent.
// A smaller body is sent faster than an answer could stop it.
const announceFrom = 1 << 20

// announcing decides whether a body is announced with Expect: 100-continue
// (RFC 9110, section 10.1.1), so that a refusal costs no upload. An announcement
// costs a round trip, so bodies are announced until one was accepted, and again
// after any failure. The rule does not depend on how the server treats
// announcements.
type announcing struct{ accepted atomic.Bool }

// due reports whether a body of size bytes (not positive: not known) is announced.
// A body that can be sent only once always is: if its refusal were lost to a reset,
// no other attempt could find it out.
func (a *announcing) due(size int64, once bool) bool {
	large := size <= 0 || size >= announceFrom
	return once || large && !a.accepted.Load()
}
