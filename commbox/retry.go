package commbox

import (
	"cmp"
	"time"

	"github.com/commbox-go/client/commbox/internal/delivery"
)

// RetryPolicy says how often and how patiently a call is tried. The zero value
// of a field means its default; New refuses negative values. The defaults of
// the delays are those of the AWS SDKs of November 2026.
type RetryPolicy struct {
	// MaxAttempts is the number of requests of one call, the first included.
	// Default 4.
	MaxAttempts int
	// BaseDelay is the upper bound of the first delay after a transient
	// failure; it doubles with every attempt. Default 50 ms.
	BaseDelay time.Duration
	// ThrottleDelay is the same after a 429 without Retry-After. Default 1 s.
	ThrottleDelay time.Duration
	// MaxDelay caps computed delays, not what a server asks for. Default 20 s.
	MaxDelay time.Duration
	// MaxRetryAfter is the longest Retry-After that is waited for. A longer one
	// ends the call at once, with the wait in Error.RetryAfter. It is also the
	// longest that one throttled call holds the others up. Default 2 min.
	MaxRetryAfter time.Duration
}

// NoRetry is the policy of a single attempt.
func NoRetry() RetryPolicy { return RetryPolicy{MaxAttempts: 1} }

func (p RetryPolicy) withDefaults() delivery.Policy {
	return delivery.Policy{
		MaxAttempts:   cmp.Or(p.MaxAttempts, 4),
		BaseDelay:     cmp.Or(p.BaseDelay, 50*time.Millisecond),
		ThrottleDelay: cmp.Or(p.ThrottleDelay, time.Second),
		MaxDelay:      cmp.Or(p.MaxDelay, 20*time.Second),
		MaxRetryAfter: cmp.Or(p.MaxRetryAfter, 2*time.Minute),
	}
}

func (p RetryPolicy) check() error {
	if p.MaxAttempts < 0 || min(p.BaseDelay, p.ThrottleDelay, p.MaxDelay, p.MaxRetryAfter) < 0 {
		return invalid("a field of the retry policy is negative")
	}
	return nil
}
