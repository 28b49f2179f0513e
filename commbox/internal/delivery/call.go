package delivery

import (
	"context"
	"errors"
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
	key          string        // of the latest attempt
	newKey       string        // for the next attempt, after a 401
	rotated      bool          // there has been a new key
	keys         []string      // of all attempts
	body         io.ReadCloser // for the next attempt
	unannounced  bool          // after a 417
	wait         time.Duration // before the next attempt
	price        int           // what the next attempt cost the budget
	attempts     int
	free         int      // of them, those that MaxAttempts does not count
	attempt      *attempt // the latest
	last         *Failure // of the latest attempt
	lastAnswered *Failure // the latest with an answer
}

func newCall(c *Client, request Call) *call {
	k := &call{Client: c, Call: request, ctx: request.Request.Context(), body: request.Request.Body}
	if k.MaxAttempts == 0 {
		k.MaxAttempts = c.Policy.MaxAttempts
	}
	if k.Call.Key == nil {
		k.Call.Key = c.Config.Key
	}
	return k
}

// Why a call is not tried again, where the failure does not say it.
const (
	reasonTooLong  = "not waited for: longer than the policy's MaxRetryAfter"
	reasonDeadline = "not tried again: the context would end before the next attempt"
	reasonBudget   = "not tried again: too many calls of this client are failing"
)

// ready waits until the next attempt may begin, and gets its key and body.
func (c *call) ready() *Failure {
	began := c.Clock.Now()
	if f := c.pause(began); f != nil {
		return f
	}
	if c.key, c.newKey = c.newKey, ""; c.key == "" {
		key, err := c.Call.Key(c.ctx)
		switch {
		case err != nil && c.ctx.Err() != nil:
			return c.giveUp(Ended, WhyEnded(c.ctx), "")
		case err != nil:
			return c.giveUp(NoKey, err, "")
		}
		c.key = key
	}
	if !slices.Contains(c.keys, c.key) {
		c.keys = append(c.keys, c.key)
	}
	// The source may have taken its time, and a throttling have begun.
	c.wait = 0
	if f := c.pause(began); f != nil {
		return f
	}
	if c.last != nil {
		return c.reopen()
	}
	return nil
}

// pause waits for the delay of this call and for the throttling of all calls,
// but not longer for the throttling than MaxRetryAfter from began on: a channel
// that is always throttled does not hold the others up for ever. A wait that
// cannot end in time is not begun.
func (c *call) pause(began time.Time) *Failure {
	due := c.Clock.Now().Add(c.wait)
	for {
		if c.ctx.Err() != nil {
			return c.giveUp(Ended, WhyEnded(c.ctx), "")
		}
		now := c.Clock.Now()
		wait := due.Sub(now)
		left := min(c.throttle.remaining(now), began.Add(c.Policy.MaxRetryAfter).Sub(now))
		if left > 0 {
			if !c.inTime(now, left) {
				return c.throttled(left)
			}
			wait = max(wait, left+c.spreadBeyond(now, left))
		}
		if wait <= 0 {
			return nil
		}
		c.Clock.Sleep(c.ctx, wait)
	}
}

// spreadBeyond is how long this call waits after the end of a throttling.
func (c *call) spreadBeyond(now time.Time, left time.Duration) time.Duration {
	most := c.Policy.spread(left)
	if deadline, ok := c.ctx.Deadline(); ok {
		most = min(most, deadline.Sub(now)-left)
	}
	return time.Duration(c.Clock.Random() * float64(most))
}

// inTime reports whether a wait ends before the caller's deadline.
func (c *call) inTime(now time.Time, wait time.Duration) bool {
	deadline, ok := c.ctx.Deadline()
	return !ok || now.Add(wait).Before(deadline)
}

// throttled is the failure of a call that cannot wait until a throttling ends,
// which its own answer began or that of another call.
func (c *call) throttled(left time.Duration) *Failure {
	kind, err := Throttled, error(nil)
	if c.last != nil {
		kind = c.last.Kind
	} else {
		err = errors.New("an earlier call of this client was throttled")
	}
	f := *c.giveUp(kind, err, reasonDeadline)
	f.RetryAfter = left
	return &f
}

// decide learns from the end of an attempt and decides whether there is
// another one, and after what delay. If not, it returns what the call fails
// with.
func (c *call) decide(f *Failure) (end *Failure, more bool) {
	c.wait = 0
	if f == nil {
		c.budget.earn(c.price)
		c.announcing.accepted.CompareAndSwap(false, c.attempt.progress.hasBody)
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
	refused := f.Kind == Answered && f.status() == http.StatusTooManyRequests
	base, price := c.Policy.BaseDelay, transientPrice
	if refused {
		base, price = c.Policy.ThrottleDelay, throttledPrice
	}
	wait := c.Policy.delay(base, c.attempts-c.free, c.Clock.Random())
	asked := f.Answer != nil && f.Answer.hasRetryAfter
	if asked {
		wait = f.RetryAfter
	}
	if refused {
		c.throttle.hold(now, min(wait, c.Policy.MaxRetryAfter))
	}
	switch {
	case c.attempt.progress.announcementRefused():
		c.free++
		c.unannounced = true
		return c.replay(f)
	case c.attempts-c.free >= c.MaxAttempts:
	case c.keyChanged(f):
		return c.replay(f)
	case !again(f.Kind, f.status(), asked, c.RepeatSafe):
	case !c.canReplay():
		return c.replay(f)
	case asked && wait > c.Policy.MaxRetryAfter:
		return c.giveUp(f.Kind, nil, reasonTooLong), false
	case !c.inTime(now, wait):
		return c.giveUp(f.Kind, nil, reasonDeadline), false
	case !c.budget.take(price):
		return c.giveUp(f.Kind, nil, reasonBudget), false
	default:
		c.wait, c.price = wait, price
		return f, true
	}
	return c.giveUp(f.Kind, nil, ""), false
}

// keyChanged reports whether a refused key has been replaced in the meantime,
// and has the next attempt use the new one. That happens once per call.
func (c *call) keyChanged(f *Failure) bool {
	if c.rotated || f.Kind != Answered || f.status() != http.StatusUnauthorized {
		return false
	}
	key, err := c.Call.Key(c.ctx)
	if err != nil || key == c.key {
		return false
	}
	c.newKey, c.rotated = key, true
	return true
}

// canReplay reports whether there is a body for another attempt: a new one, or
// the old one if nothing of it was taken.
func (c *call) canReplay() bool {
	return c.Request.Body == nil || c.Request.GetBody != nil || c.attempt.progress.untouched()
}

func (c *call) replay(f *Failure) (*Failure, bool) {
	if c.canReplay() {
		c.lastAnswered = nil // the next attempt is another request: this answer says nothing about it
		return f, true
	}
	return c.giveUp(NotReplayable, errOnce, ""), false
}

var (
	errOnce  = errors.New("it can be read only once")
	errStuck = errors.New("it is still being read for the attempt before")
)

// reopen makes the body start again.
func (c *call) reopen() *Failure {
	if c.Request.GetBody == nil {
		return nil
	}
	if !c.attempt.bodyReleased(c.ctx) && c.ctx.Err() == nil {
		return c.giveUp(NotReplayable, errStuck, "")
	}
	body, err := await.Do(c.ctx, c.Request.GetBody, func(body io.ReadCloser) { _ = body.Close() })
	switch {
	case err == nil:
		c.body = body
		return nil
	case c.ctx.Err() != nil:
		return c.giveUp(Ended, WhyEnded(c.ctx), "")
	default:
		return c.giveUp(NotReplayable, err, "")
	}
}

// end closes a body that no attempt has closed, and gives back one in memory.
func (c *call) end() {
	switch {
	case c.Request.Body == nil:
	case c.attempt == nil || c.Request.GetBody == nil && c.attempt.progress.untouched():
		_ = c.Request.Body.Close()
	case c.Release != nil && c.attempts == 1 && c.attempt.progress.released():
		c.Release()
	}
}

// report tells the observer how an attempt ended.
func (c *call) report(result *Result, f *Failure, more bool) {
	if c.Observe == nil {
		return
	}
	bytes, _ := c.attempt.progress.sent()
	a := Attempt{
		Number: c.attempts, BytesSent: bytes, Duration: time.Since(c.attempt.began), Again: more, Wait: c.wait, Failure: f,
	}
	if f != nil {
		a.Status = c.last.status()
	} else {
		a.Status = result.Response.StatusCode
	}
	c.Observe(a)
}
