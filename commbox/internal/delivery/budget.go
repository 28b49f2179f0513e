package commbox

import "sync"

// The prices of the retry budget, in the proportions of the AWS clients'
// standard mode: a full budget pays 100 retries, a call that succeeds at once
// earns a fifth of one, and a retry that succeeds gets its price back.
const (
	budgetSize   = 500
	retryPrice   = 5
	successEarns = 1
)

// budget bounds what retries add to an outage: they are paid from a bucket
// that only successes refill. The zero budget is full.
type budget struct {
	mu    sync.Mutex
	spent int
}

// take pays for one retry and reports whether there was enough left.
func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent+retryPrice > budgetSize {
		return false
	}
	b.spent += retryPrice
	return true
}

// succeeded records a call that ended well, after a retry or without.
func (b *budget) succeeded(retried bool) {
	earned := successEarns
	if retried {
		earned = retryPrice
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(0, b.spent-earned)
}
