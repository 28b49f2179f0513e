package delivery

import (
	"math"
	"net/http"
	"time"
)

// Policy says how often a call is tried, and how long it waits in between. All
// fields must be set.
type Policy struct {
	MaxAttempts   int           // requests of one call
	BaseDelay     time.Duration // upper bound of the first delay after a transient failure
	ThrottleDelay time.Duration // upper bound of the first delay after a 429 without Retry-After
	MaxDelay      time.Duration // upper bound of every computed delay
	MaxRetryAfter time.Duration // the longest Retry-After that a call waits for
}

// delay returns the wait after attempt n: exponential from base, with full jitter.
// random must be uniform in [0, 1).
func (p Policy) delay(base time.Duration, n int, random float64) time.Duration {
	bound := float64(base) * math.Exp2(float64(n-1))
	return time.Duration(random * min(bound, float64(p.MaxDelay)))
}

// spread returns how long a call waits at most after the end of a throttling that
// lasts for left. Waiting calls then do not all come back at once.
func (p Policy) spread(left time.Duration) time.Duration {
	return min(max(p.ThrottleDelay, left/8), p.MaxDelay)
}

// Kind is how an attempt failed. It decides whether there is another one.
type Kind int

// Kinds of failure.
const (
	Answered      Kind = iota // Answer.Status says how
	NotSent                   // no connection, or nothing sent on it: the server has nothing to process
	Lost                      // the connection was lost, stalled or timed out, or the answer was cut off
	Useless                   // a complete 2xx that cannot be used
	Untrusted                 // the two sides do not trust each other or do not speak the same protocol
	BadRequest                // the request or its body cannot be sent
	NoKey                     // the key source failed
	NotReplayable             // another attempt was due, but the body cannot be sent again
	Throttled                 // not sent: another call was throttled for longer than this one can wait
	Ended                     // the caller's context ended
)

// mayRepeat reports whether a failed attempt is tried again. A call is repeatSafe if the
// server may process it twice. Two rules are in isAnotherRequest because they depend
// on more than the failure: a 401 after which the key has changed, and a 417.
func mayRepeat(kind Kind, status int, hasRetryAfter, repeatSafe bool) bool {
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
