package commbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// run is one call on its way through its attempts.
type run struct {
	*chain
	req      *http.Request
	ctx      context.Context
	call     call
	key      string        // of the latest attempt
	newKey   string        // for the next attempt, after a 401
	rotated  bool          // there has been a new key
	body     io.ReadCloser // for the next attempt
	wait     time.Duration // before the next attempt
	attempts int
	free     int      // of them, those that MaxAttempts does not count
	attempt  *attempt // the latest
	last     *Error   // what it failed with
	answer   *Error   // the latest failure with an answer
}

// ready waits until the next attempt may begin, and gets its key and body.
func (r *run) ready() error {
	if r.last != nil && !r.replayable() {
		return r.notReplayable(nil)
	}
	if err := r.pause(); err != nil {
		return err
	}
	if r.key, r.newKey = r.newKey, ""; r.key == "" {
		key, err := r.apiKey()
		if err != nil {
			return r.stopped(err, unusable)
		}
		r.key = key
	}
	if r.last != nil {
		return r.reopen()
	}
	return nil
}

// pause waits for the delay of this call and for the throttling of all calls.
// A wait that cannot end in time is not begun.
func (r *run) pause() error {
	due := r.clock.now().Add(r.wait)
	for {
		if r.ctx.Err() != nil {
			return r.stopped(whyEnded(r.ctx), ended)
		}
		now := r.clock.now()
		wait := due.Sub(now)
		if left, span := r.throttle.remaining(now); left > 0 {
			if left > r.policy.MaxRetryAfter {
				return r.throttled(left, noteTooLong)
			}
			if !r.inTime(now, left) {
				return r.throttled(left, noteDeadline)
			}
			wait = max(wait, left+r.spread(now, left, span))
		}
		if wait <= 0 {
			return nil
		}
		r.clock.sleep(r.ctx, wait)
	}
}

// spread is how long this call waits beyond a throttling, so that those who
// waited do not come back together, nor after the caller's deadline.
func (r *run) spread(now time.Time, left, span time.Duration) time.Duration {
	most := r.policy.spread(span)
	if deadline, ok := r.ctx.Deadline(); ok {
		most = min(most, deadline.Sub(now)-left)
	}
	return time.Duration(r.clock.random() * float64(most))
}

// inTime reports whether a wait ends before the caller's deadline.
func (r *run) inTime(now time.Time, wait time.Duration) bool {
	deadline, ok := r.ctx.Deadline()
	return !ok || now.Add(wait).Before(deadline)
}

// Why a call is not tried again, where the failure alone does not say it.
const (
	noteTooLong  = "not waited for: longer than the policy's MaxRetryAfter"
	noteDeadline = "not tried again: the context would end before the next attempt"
	noteBudget   = "not tried again: too many calls of this client are failing"
)

// settle learns from the end of an attempt and decides whether there is
// another one, and after what delay.
func (r *run) settle(f *Error) (wait time.Duration, again bool) {
	if f == nil {
		r.budget.succeeded(r.attempts > 1)
		if r.call.receipt != nil {
			sent, _ := r.attempt.sent()
			written := r.attempts == 1 && r.attempt.isWritten()
			*r.call.receipt = receipt{begun: true, attempts: r.attempts, sent: sent, written: written}
		}
		return 0, false
	}
	r.remember(f)
	if r.attempt.expected && f.StatusCode == http.StatusExpectationFailed {
		r.free++
		return 0, true
	}
	now := r.clock.now()
	wait = r.policy.delay(r.attempts, r.clock.random())
	if f.asked {
		wait = f.RetryAfter
	}
	if f.outcome == answered && f.StatusCode == http.StatusTooManyRequests {
		r.throttle.hold(now, wait)
	}
	if r.attempts-r.free >= r.policy.MaxAttempts {
		return 0, false
	}
	if r.keyChanged(f) {
		return 0, true
	}
	if !retryable(f, r.call.repeatSafe) {
		return 0, false
	}
	if f.asked && wait > r.policy.MaxRetryAfter {
		f.note = noteTooLong
		return 0, false
	}
	if !r.inTime(now, wait) {
		f.note = noteDeadline
		return 0, false
	}
	// Throttling is no outage: what was told to come back later is paced by
	// the throttle and does not draw on the budget.
	if f.StatusCode != http.StatusTooManyRequests && !r.budget.take() {
		f.note = noteBudget
		return 0, false
	}
	return wait, true
}

// keyChanged reports whether a refused key has been replaced in the meantime,
// and has the next attempt use the new one. That happens once per call.
func (r *run) keyChanged(f *Error) bool {
	if r.rotated || f.outcome != answered || f.StatusCode != http.StatusUnauthorized {
		return false
	}
	key, err := r.apiKey()
	if err != nil || key == r.key {
		return false
	}
	r.newKey, r.rotated = key, true
	return true
}

// remember makes f the latest failure.
func (r *run) remember(f *Error) {
	f.Op, f.Attempts = r.call.op, r.attempts
	if r.last != nil {
		f.MaybeDelivered = f.MaybeDelivered || r.last.MaybeDelivered
	}
	if f.StatusCode != 0 {
		r.answer = f
	}
	r.last = f
}

// final is the error that the call ends with: the server's last answer is not
// lost because a later attempt got none.
func (r *run) final(e *Error) *Error {
	if e.StatusCode == 0 && r.answer != nil {
		e.adoptAnswer(r.answer)
	}
	return e
}

// stopped is the error of a call that ended between two attempts, or before
// the first.
func (r *run) stopped(cause error, o outcome) *Error {
	e := &Error{Op: r.call.op}
	if r.last != nil {
		*e = *r.last
	}
	if e.Err != nil {
		cause = fmt.Errorf("%w, after: %w", cause, e.Err)
	}
	e.Err, e.outcome = cause, o
	return r.final(e)
}

// throttled is the error of a call that would have to wait too long because of
// a 429, its own or that of another call.
func (r *run) throttled(left time.Duration, note string) *Error {
	cause, o := ErrRateLimited, notSent
	if r.last != nil {
		o = r.last.outcome
	} else {
		cause = fmt.Errorf("%w: an earlier call of this client was throttled", cause)
	}
	e := r.stopped(cause, o)
	e.RetryAfter, e.note = left, note
	return e
}

func (r *run) apiKey() (string, error) {
	key, err := r.chain.key.Key(r.ctx)
	if err != nil {
		return "", invalid("API key: %w", err)
	}
	if err := checkKey(key); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalidInput, err)
	}
	return key, nil
}

// replayable reports whether there is a body for another attempt: a new one,
// or the old one if nothing of it was taken.
func (r *run) replayable() bool {
	return r.req.Body == nil || r.req.GetBody != nil || r.attempt.untouched()
}

// reopen makes the body start again.
func (r *run) reopen() error {
	if r.req.GetBody == nil {
		return nil
	}
	if !r.attempt.released(r.ctx) {
		if r.ctx.Err() != nil {
			return r.stopped(whyEnded(r.ctx), ended)
		}
		return r.notReplayable(errStuck)
	}
	body, err := await(r.ctx, r.req.GetBody, func(body io.ReadCloser) { _ = body.Close() })
	switch {
	case err == nil:
		r.body = body
		return nil
	case r.ctx.Err() != nil:
		return r.stopped(whyEnded(r.ctx), ended)
	default:
		return r.notReplayable(err)
	}
}

var errStuck = errors.New("it is still being read for the attempt before")

func (r *run) notReplayable(why error) *Error {
	switch {
	case why == nil:
		why = ErrNotReplayable
	case !errors.Is(why, ErrNotReplayable):
		why = fmt.Errorf("%w: %w", ErrNotReplayable, why)
	}
	return r.stopped(why, unusable)
}

// closeBody closes a body that no attempt has closed.
func (r *run) closeBody() {
	if r.req.Body != nil && (r.attempt == nil || r.req.GetBody == nil && r.attempt.untouched()) {
		_ = r.req.Body.Close()
	}
}
