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

func (c *chain) start(req *http.Request, call call) *run {
	return &run{chain: c, req: req, ctx: req.Context(), call: call, body: req.Body}
}

// ready waits until the next attempt may begin, and gets its key and body.
func (r *run) ready() error {
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
	// The source may have taken its time, and a throttling have begun.
	r.wait = 0
	if err := r.pause(); err != nil {
		return err
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
func (r *run) settle(f *Error) (again bool) {
	r.wait = 0
	if f == nil {
		r.budget.succeeded(r.attempts > 1)
		return false
	}
	r.remember(f)
	now := r.clock.now()
	wait := r.policy.delay(r.attempts, r.clock.random())
	if f.asked {
		wait = f.RetryAfter
	}
	throttled := f.outcome == answered && f.StatusCode == http.StatusTooManyRequests
	if throttled {
		r.throttle.hold(now, wait)
	}
	switch {
	case r.attempt.expected && r.attempt.status == http.StatusExpectationFailed:
		r.free++
		return r.canReplay(f)
	case r.attempts-r.free >= r.policy.MaxAttempts:
		return false
	case r.keyChanged(f):
		return r.canReplay(f)
	case !retryable(f, r.call.repeatSafe) || !r.canReplay(f):
		return false
	case f.asked && wait > r.policy.MaxRetryAfter:
		f.note = noteTooLong
		return false
	case !r.inTime(now, wait):
		f.note = noteDeadline
		return false
	// Who is told when to come back is paced by that, and does not draw on the
	// budget: throttling is no outage.
	case (!throttled || f.RetryAfter == 0) && !r.budget.take():
		f.note = noteBudget
		return false
	}
	r.wait = wait
	return true
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

// stopped is the error that the call ends with: the latest failure, and before
// it what prevented another attempt, if something did. The server's last
// answer is not lost because a later attempt got none.
func (r *run) stopped(cause error, o outcome) *Error {
	e := &Error{Op: r.call.op}
	if r.last != nil {
		*e = *r.last
	}
	if cause != nil && e.Err != nil {
		cause = fmt.Errorf("%w, after: %w", cause, e.Err)
	}
	if cause != nil {
		e.Err = cause
	}
	if e.StatusCode == 0 && r.answer != nil {
		e.adoptAnswer(r.answer)
	}
	e.outcome = o
	return e
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

// apiKey asks the source. A caller's own source may not know of the context.
func (r *run) apiKey() (key string, err error) {
	if own, ok := r.chain.key.(ownKey); ok {
		key, err = own()
	} else {
		key, err = await(r.ctx, func() (string, error) { return r.chain.key.Key(r.ctx) }, func(string) {})
	}
	if err != nil {
		return "", invalid("API key: %w", err)
	}
	if err := checkKey(key); err != nil {
		return "", invalid("%w", err)
	}
	return key, nil
}

// canReplay reports whether there is a body for another attempt: a new one, or
// the old one if nothing of it was taken. If not, that is the failure.
func (r *run) canReplay(f *Error) bool {
	if r.req.Body == nil || r.req.GetBody != nil || r.attempt.untouched() {
		return true
	}
	*f = *r.notReplayable(ErrNotReplayable)
	return false
}

// reopen makes the body start again.
func (r *run) reopen() error {
	if r.req.GetBody == nil {
		return nil
	}
	if !r.attempt.released(r.ctx) && r.ctx.Err() == nil {
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
	if !errors.Is(why, ErrNotReplayable) {
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
