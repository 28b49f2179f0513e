package delivery

import "sync"

// The prices of the retry budget are those of the standard retry mode of the
// AWS SDKs of November 2026: a full budget pays for 35 retries after transient
// failures or for 100 after throttling. A call that succeeds at once earns
// one token, and a retry that succeeds gets its price back.
const (
	budgetSize     = 500
	transientPrice = 14
	throttledPrice = 5
	successEarns   = 1
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
	b.spent = max(0, b.spent-max(paid, successEarns))
}
