package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/commbox-go/client/commbox/internal/await"
)

// call is one request on its way through its attempts.
type call struct {
	*Client
	Call
	ctx          context.Context
	keys         []string      // of all attempts
	key          string        // of the latest
	newKey       string        // for the next attempt, after a 401
	rotated      bool          // there has been a new key
	body         io.ReadCloser // for the next attempt
	unannounced  bool          // after a 417
	wait         time.Duration // before the next attempt
	price        int           // what the next attempt cost the budget
	attempts     int
	attempt      *attempt // the latest
	last         *Failure // of the latest attempt
	lastAnswered *Failure // the latest with an answer
}

func newCall(c *Client, request Call) *call {
	k := &call{Client: c, Call: request, ctx: request.Request.Context(), body: request.Request.Body}
	k.MaxAttempts = cmp.Or(k.MaxAttempts, c.Policy.MaxAttempts)
	if k.Call.Key == nil {
		k.Call.Key = c.Config.Key
	}
	return k
}

func (c *call) hasBody() bool { return c.Request.Body != nil && c.Request.Body != http.NoBody }

// ready waits until the next attempt may begin, and gets its key and body.
func (c *call) ready() *Failure {
	began := c.Clock.Now()
	if f := c.pause(began, c.wait); f != nil {
		return f
	}
	var err error
	if c.key, c.newKey = c.newKey, ""; c.key == "" {
		if c.key, err = c.Call.Key(c.ctx); err != nil {
			return c.giveUp(NoKey, err, "")
		}
	}
	if !slices.Contains(c.keys, c.key) {
		c.keys = append(c.keys, c.key)
	}
	// The source may have taken its time, and a throttling have begun.
	if f := c.pause(began, 0); f != nil || c.attempts == 0 || c.Request.GetBody == nil {
		return f
	}
	c.body, err = await.Do(c.ctx, c.bodyAgain, func(body io.ReadCloser) { _ = body.Close() })
	if err != nil {
		return c.giveUp(NotReplayable, err, "")
	}
	return nil
}

const reasonDeadline = "not tried again: the context would end before the next attempt"

// pause waits for the delay of this call and for the throttling of all calls,
// but not longer for the throttling than MaxRetryAfter from began on: a channel
// that is always throttled does not hold the others up for ever. A wait that
// cannot end in time is not begun.
func (c *call) pause(began time.Time, delay time.Duration) *Failure {
	due := c.Clock.Now().Add(delay)
	for {
		if err := c.ctx.Err(); err != nil {
			return c.giveUp(Ended, err, "")
		}
		now := c.Clock.Now()
		wait := due.Sub(now)
		left := min(c.throttle.remaining(now), began.Add(c.Policy.MaxRetryAfter).Sub(now))
		if left > 0 {
			spread := c.Policy.spread(left)
			if deadline, ok := c.ctx.Deadline(); ok {
				spread = min(spread, deadline.Sub(now)-left)
			}
			if spread <= 0 {
				return c.throttled(left)
			}
			wait = max(wait, left+time.Duration(c.Clock.Random()*float64(spread)))
		}
		if wait <= 0 {
			return nil
		}
		c.Clock.Sleep(c.ctx, wait)
	}
}

// throttled is the failure of a call that cannot wait until a throttling ends,
// which its own answer began or that of another call.
func (c *call) throttled(left time.Duration) *Failure {
	var f *Failure
	if c.last != nil {
		f = c.giveUp(c.last.Kind, nil, reasonDeadline)
	} else {
		f = c.giveUp(Throttled, errors.New("an earlier call of this client was throttled"), reasonDeadline)
	}
	f.RetryAfter = left
	return f
}

// decide learns from the end of an attempt and decides whether there is
// another one, and after what delay. If not, it returns what the call fails
// with.
func (c *call) decide(f *Failure) (end *Failure, more bool) {
	c.wait = 0
	if f == nil {
		c.budget.earn(c.price)
		if c.hasBody() {
			c.announcing.accepted.Store(true)
		}
		return nil, false
	}
	c.last = f
	if f.Answer != nil {
		c.lastAnswered = f
	}
	if f.Kind != Ended {
		c.announcing.accepted.Store(false)
	}
	now := c.Clock.Now()
	base, price := c.Policy.BaseDelay, transientPrice
	if f.status() == http.StatusTooManyRequests {
		base, price = c.Policy.ThrottleDelay, throttledPrice
	}
	wait := c.Policy.delay(base, c.attempts, c.Clock.Random())
	if f.hasRetryAfter() {
		wait = f.RetryAfter
	}
	if f.status() == http.StatusTooManyRequests {
		c.throttle.hold(now, min(wait, c.Policy.MaxRetryAfter))
	}
	deadline, hasDeadline := c.ctx.Deadline()
	reason := ""
	switch {
	case c.unannounced && c.attempt.progress.announced:
		return c.replay(f)
	case c.attempts >= c.MaxAttempts:
	case c.keyChanged(f):
		return c.replay(f)
	case !f.again(c.RepeatSafe):
	case !c.canReplay():
		return c.replay(f)
	case f.hasRetryAfter() && wait > c.Policy.MaxRetryAfter:
		reason = "not waited for: longer than the policy's MaxRetryAfter"
	case hasDeadline && !now.Add(wait).Before(deadline):
		reason = reasonDeadline
	case !c.budget.take(price):
		reason = "not tried again: too many calls of this client are failing"
	default:
		c.wait, c.price = wait, price
		return f, true
	}
	return c.giveUp(f.Kind, nil, reason), false
}

// keyChanged reports whether a refused key has been replaced in the meantime,
// and has the next attempt use the new one. That happens once per call.
func (c *call) keyChanged(f *Failure) bool {
	if c.rotated || f.status() != http.StatusUnauthorized {
		return false
	}
	key, err := c.Call.Key(c.ctx)
	if err == nil && key != c.key {
		c.newKey, c.rotated = key, true
	}
	return c.rotated
}

// canReplay reports whether there is a body for another attempt: a new one, or
// the old one if nothing of it was taken.
func (c *call) canReplay() bool {
	return c.Request.Body == nil || c.Request.GetBody != nil || !c.attempt.progress.state().begun
}

func (c *call) replay(f *Failure) (*Failure, bool) {
	if c.canReplay() {
		c.lastAnswered = nil // the next attempt is another request: this answer says nothing about it
		return f, true
	}
	return c.giveUp(NotReplayable, errors.New("it can be read only once"), ""), false
}

// bodyAgain is the body of the next attempt.
func (c *call) bodyAgain() (io.ReadCloser, error) {
	if !c.attempt.progress.released(c.StallTimeout) {
		return nil, errors.New("it is still being read for the attempt before")
	}
	return c.Request.GetBody()
}

// giveUp is the failure that the call ends with: the last one, with what
// prevented another attempt, if something did. The server's last answer is not
// lost because a later attempt got none.
func (c *call) giveUp(kind Kind, cause error, reason string) *Failure {
	var f Failure
	if c.last != nil {
		f = *c.last
	}
	if f.Answer == nil && c.lastAnswered != nil {
		f.Answer, f.RetryAfter = c.lastAnswered.Answer, c.lastAnswered.RetryAfter
	}
	if cause != nil && c.ctx.Err() != nil {
		kind, cause = Ended, WhyEnded(c.ctx)
	}
	switch {
	case f.Err == nil:
		f.Err = cause
	case cause != nil:
		f.Err = fmt.Errorf("%w, after: %w", cause, f.Err)
	}
	f.Kind, f.StopReason, f.Attempts, f.Keys = kind, reason, c.attempts, c.keys
	return &f
}

// end closes a body that no attempt has closed.
func (c *call) end() {
	if c.Request.Body != nil && (c.attempt == nil || c.Request.GetBody == nil && !c.attempt.progress.state().begun) {
		_ = c.Request.Body.Close()
	}
}

// report tells the observer how an attempt ended.
func (c *call) report(result *Result, f *Failure, more bool) {
	if c.Observe == nil {
		return
	}
	a := Attempt{
		Number: c.attempts, BytesSent: c.attempt.progress.state().taken, Duration: time.Since(c.attempt.began),
		Again: more, Wait: c.wait, Failure: f,
	}
	if f != nil {
		a.Status = c.last.status()
	} else {
		a.Status = result.Response.StatusCode
	}
	c.Observe(a)
}
