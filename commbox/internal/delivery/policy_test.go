package delivery

import (
	"testing"
	"time"
)

var defaults = Policy{
	MaxAttempts: 4, BaseDelay: 50 * time.Millisecond, ThrottleDelay: time.Second,
	MaxDelay: 20 * time.Second, MaxRetryAfter: 2 * time.Minute,
}

// TestWhatIsTriedAgain is the table of what is tried again, with the rows that
// must not be.
func TestWhatIsTriedAgain(t *testing.T) {
	t.Parallel()
	const yes, no = true, false
	for _, row := range []struct {
		what          string
		kind          Kind
		status        int
		hasRetryAfter bool
		safe, other   bool // repeat-safe calls; any other call
	}{
		{"no connection: nothing was sent", NotSent, 0, no, yes, yes},
		{"lost, stalled or timed out: it may have been processed", Lost, 0, no, yes, no},
		{"a 2xx that was cut off, or came before the body", Lost, 200, no, yes, no},
		{"429: it was refused", Answered, 429, no, yes, yes},
		{"429 with Retry-After", Answered, 429, yes, yes, yes},
		{"503 with Retry-After: it was refused", Answered, 503, yes, yes, yes},
		{"503: it may have been processed", Answered, 503, no, yes, no},
		{"408", Answered, 408, no, yes, no},
		{"500", Answered, 500, no, yes, no},
		{"500 with Retry-After: it may have been processed", Answered, 500, yes, yes, no},
		{"502", Answered, 502, no, yes, no},
		{"504", Answered, 504, no, yes, no},
		{"501: it will never work", Answered, 501, yes, no, no},
		{"505", Answered, 505, no, no, no},
		{"400: the request is wrong", Answered, 400, no, no, no},
		{"401: the key is wrong", Answered, 401, no, no, no},
		{"403", Answered, 403, no, no, no},
		{"404", Answered, 404, no, no, no},
		{"413: the file is too large", Answered, 413, yes, no, no},
		{"a redirect is not followed", Answered, 307, yes, no, no},
		{"a complete 2xx of no use: it was processed", Useless, 200, no, no, no},
		{"an untrusted certificate", Untrusted, 0, no, no, no},
		{"the body cannot be read", BadRequest, 0, no, no, no},
		{"the key source failed", NoKey, 0, no, no, no},
		{"the body cannot be sent again", NotReplayable, 503, yes, no, no},
		{"held up by another call", Throttled, 0, no, no, no},
		{"the caller's context", Ended, 503, yes, no, no},
	} {
		if got := mayRepeat(row.kind, row.status, row.hasRetryAfter, true); got != row.safe {
			t.Errorf("%s: a repeat-safe call is tried again: %v", row.what, got)
		}
		if got := mayRepeat(row.kind, row.status, row.hasRetryAfter, false); got != row.other {
			t.Errorf("%s: any other call is tried again: %v", row.what, got)
		}
	}
}

func TestDelayHasFullJitter(t *testing.T) {
	t.Parallel()
	for n, bound := range map[int]time.Duration{1: 50 * time.Millisecond, 2: 100 * time.Millisecond, 9: 12800 * time.Millisecond, 10: 20 * time.Second, 1000: 20 * time.Second} {
		for _, random := range []float64{0, 0.25, 0.5, 0.99} {
			if got, want := defaults.delay(defaults.BaseDelay, n, random), time.Duration(random*float64(bound)); got != want {
				t.Errorf("the delay after attempt %d at %v is %v, want %v", n, random, got, want)
			}
		}
	}
}

func TestAnnouncing(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	var a announcing
	for _, row := range []struct {
		what     string
		accepted bool
		size     int64
		once     bool
		want     bool
	}{
		{"before anything was accepted", false, mib, false, true},
		{"of unknown size", false, -1, false, true},
		{"small", false, mib - 1, false, false},
		{"small, only once", false, mib - 1, true, true},
		{"after a success", true, 100 * mib, false, false},
		{"after a success, of unknown size", true, -1, false, false},
		{"after a success, only once", true, mib, true, true},
		{"after a success, only once, of unknown size", true, -1, true, true},
	} {
		a.accepted.Store(row.accepted)
		if got := a.due(row.size, row.once); got != row.want {
			t.Errorf("%s: announced: %v", row.what, got)
		}
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	taken := func(price int) (n int) {
		var b budget
		for b.take(price) {
			n++
		}
		return n
	}
	if transient, throttled := taken(transientPrice), taken(throttledPrice); transient != 35 || throttled != 100 {
		t.Errorf("a full budget pays for %d and %d retries", transient, throttled)
	}
	b := budget{spent: 100}
	b.earn(0)
	b.earn(transientPrice)
	if b.spent != 85 {
		t.Errorf("%d are spent", b.spent)
	}
	b.earn(throttledPrice)
	for range 200 {
		b.earn(0)
	}
	if b.spent != 0 {
		t.Errorf("more than full: %d", b.spent)
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	var held throttle
	now := time.Now()
	if left := held.remaining(now); left != 0 {
		t.Errorf("held for %v before a 429", left)
	}
	held.hold(now, time.Minute)
	held.hold(now, time.Second)
	if left := held.remaining(now.Add(10 * time.Second)); left != 50*time.Second {
		t.Errorf("a shorter wait has cut a longer one: %v", left)
	}
	if left := held.remaining(now.Add(time.Minute)); left != 0 {
		t.Errorf("still held for %v", left)
	}
	for left, want := range map[time.Duration]time.Duration{time.Millisecond: time.Second, 80 * time.Second: 10 * time.Second, time.Hour: 20 * time.Second} {
		if got := defaults.spread(left); got != want {
			t.Errorf("calls come back spread over %v after %v", got, left)
		}
	}
}
