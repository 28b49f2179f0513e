package delivery

import (
	"sync"
	"sync/atomic"
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

// The prices of the retry budget are those of the standard retry mode of the
// AWS SDKs of November 2026: a full budget pays for 35 retries after transient
// failures or for 100 after throttling. A call that succeeds at once earns
// one token, and a retry that succeeds gets its price back.
const (
	budgetSize     = 500
	transientPrice = 14
	throttledPrice = 5
)

// budget bounds what retries add to the load in an outage: they are paid from
// a bucket of tokens that only successes refill. The zero budget is full.
type budget struct {
	mu    sync.Mutex
	spent int
}

// take pays for one retry and reports whether there were enough tokens.
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

// announceFrom is the size in bytes from which a body can be announced before
// it is sent. A smaller one is on its way before an answer could stop it.
const announceFrom = 1 << 20

// announcing decides whether a body is announced with Expect: 100-continue
// (RFC 9110, section 10.1.1), so that a refusal costs no upload. It costs a
// round trip, so that it is made until a body was accepted, and again after any
// failure. One rule for all servers: what a server does with an announcement
// is not learned.
type announcing struct{ accepted atomic.Bool }

// due reports whether a body of size bytes (not positive: not known) is
// announced. One that can be sent only once always is: a refusal that is lost
// to a reset could not be found out by another attempt.
func (a *announcing) due(size int64, once bool) bool {
	large := size <= 0 || size >= announceFrom
	return once || large && !a.accepted.Load()
}
