package commbox

import (
	"net/http"
	"time"
)

// RetryPolicy says how often and how patiently a call is tried. The zero value
// of a field means its default; New refuses negative values.
type RetryPolicy struct {
	// MaxAttempts is the number of requests of one call, the first included.
	// Default 4.
	MaxAttempts int
	// BaseDelay is the upper bound of the first computed delay; it doubles with
	// every attempt. Default 500 ms.
	BaseDelay time.Duration
	// MaxDelay caps computed delays, not what a server asks for. Default 20 s.
	MaxDelay time.Duration
	// MaxRetryAfter is the longest Retry-After that is waited for. A longer one
	// ends the call at once, with the wait in Error.RetryAfter. Default 2 min.
	MaxRetryAfter time.Duration
}

// NoRetry is the policy of a single attempt.
func NoRetry() RetryPolicy { return RetryPolicy{MaxAttempts: 1} }

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 4
	}
	if p.BaseDelay == 0 {
		p.BaseDelay = 500 * time.Millisecond
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = 20 * time.Second
	}
	if p.MaxRetryAfter == 0 {
		p.MaxRetryAfter = 2 * time.Minute
	}
	return p
}

func (p RetryPolicy) check() error {
	if p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0 || p.MaxRetryAfter < 0 {
		return invalid("a field of the retry policy is negative")
	}
	return nil
}

// delay is the wait after attempt n: exponential with full jitter, random
// being uniform in [0, 1).
func (p RetryPolicy) delay(n int, random float64) time.Duration {
	bound := p.BaseDelay
	for range n - 1 {
		if bound >= p.MaxDelay/2 {
			bound = p.MaxDelay
			break
		}
		bound *= 2
	}
	return time.Duration(random * float64(min(bound, p.MaxDelay)))
}

// outcome is how an attempt ended, as far as another one depends on it.
type outcome int

const (
	answered outcome = iota // Error.StatusCode says how
	notSent                 // no connection, or none of the body was sent: the server has nothing to process
	broken                  // lost, stalled or timed out on the way, or a 2xx that cannot be read
	unusable                // input, certificate or answer: another attempt would end the same way
	ended                   // the caller's context
)

// retryable is the table of what is tried again. A call is repeatSafe if
// processing it twice does no harm. Two rows are not here because they depend
// on more than the failure: a 401 when the key has changed, and a 417.
func retryable(e *Error, repeatSafe bool) bool {
	switch e.outcome {
	case notSent:
		return true
	case broken:
		return repeatSafe
	case answered:
		switch e.StatusCode {
		case http.StatusTooManyRequests:
			return true
		case http.StatusServiceUnavailable:
			return repeatSafe || e.asked
		case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
			return repeatSafe
		}
	}
	return false
}
