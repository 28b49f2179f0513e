package delivery

import (
	"math"
	"net/http"
	"time"
)

// Policy says how often and how patiently a call is tried. All fields are set.
type Policy struct {
	MaxAttempts   int           // requests of one call
	BaseDelay     time.Duration // bound of the first delay after a transient failure
	ThrottleDelay time.Duration // bound of the first delay after a 429 without Retry-After
	MaxDelay      time.Duration // caps computed delays
	MaxRetryAfter time.Duration // the longest Retry-After that is waited for
}

// delay is the wait after attempt n that follows from base: exponential with
// full jitter, random being uniform in [0, 1).
func (p Policy) delay(base time.Duration, n int, random float64) time.Duration {
	bound := float64(base) * math.Exp2(float64(n-1))
	return time.Duration(random * min(bound, float64(p.MaxDelay)))
}

// spread is the longest that a call waits beyond a throttling that lasts for
// left, so that the calls that waited do not come back together.
func (p Policy) spread(left time.Duration) time.Duration {
	return min(max(p.ThrottleDelay, left/8), p.MaxDelay)
}

// Kind is how an attempt failed, as far as another one depends on it.
type Kind int

// Kinds of failure.
const (
	Answered      Kind = iota // Answer.Status says how
	NotSent                   // no connection, or nothing sent on it: the server has nothing to process
	Lost                      // lost, stalled or timed out on the way, or an answer that was cut off
	Useless                   // a complete 2xx that is of no use
	Untrusted                 // the two sides do not accept each other, or cannot talk to each other
	BadRequest                // the request, or its body, is not what can be sent
	NoKey                     // the key source failed
	NotReplayable             // another attempt was due, and the body cannot be sent again
	Throttled                 // not sent: another call was throttled, for longer than this one can wait
	Ended                     // the caller's context
)

// again is the table of what is tried again. A call is repeatSafe if the
// server may process it twice. Two rows are not here because they depend on
// more than the failure: a 401 when the key has changed, and a 417.
func again(kind Kind, status int, hasRetryAfter, repeatSafe bool) bool {
	switch kind {
	case NotSent:
		return true
	case Lost:
		return repeatSafe
	case Answered:
		switch status {
		case http.StatusTooManyRequests:
			return true
		case http.StatusServiceUnavailable:
			return repeatSafe || hasRetryAfter
		case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
			return repeatSafe
		}
	}
	return false
}
