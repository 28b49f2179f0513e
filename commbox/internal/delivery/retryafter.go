package delivery

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// retryAfter reads Retry-After (RFC 9110, section 10.2.3), a number of seconds
// or a date. A date is compared with the server's own Date if there is one, so
// that a wrong clock on either side does not matter. A value that is neither, is in
// the past or does not fit in a time.Duration counts as absent.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil && seconds <= math.MaxInt64/uint64(time.Second) {
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	// Sub saturates instead of overflowing.
	if wait = at.Sub(now); wait < 0 || wait == math.MaxInt64 {
		return 0, false
	}
	return wait, true
}
