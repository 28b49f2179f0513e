package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/commbox-go/client/commbox/internal/await"
)

// call is one request on its way through its attempts.
type call struct {
	*Client
	Call
	ctx          context.Context
	keys         []string      // of all attempts
	newKey       string        // for the next attempt, after a 401
	rotated      bool          // there has been a new key
	body         io.ReadCloser // for the next attempt
	unannounced  bool          // there was a 417: do not announce
	wait         time.Duration // before the next attempt
	price        int           // what the next attempt cost the budget
	attempts     int
	progress     *progress // of the latest attempt
	last         *Failure  // of the latest attempt
	lastAnswered *Failure  // the latest with an answer
}

func newCall(c *Client, what Call) *call {
	k := &call{Client: c, Call: what, ctx: what.Request.Context(), body: what.Request.Body}
	k.MaxAttempts = cmp.Or(k.MaxAttempts, c.Policy.MaxAttempts)
	if k.Key == nil {
		k.Key = c.Key
	}
	return k
}

// ready waits until the next attempt may begin, and gets its key and body.
func (c *call) ready() *Failure {
	began := c.Clock.Now()
	if f := c.pause(began, c.wait); f != nil {
		return f
	}
	key := c.newKey
	if c.newKey = ""; key == "" {
		var err error
		if key, err = c.Key(c.ctx); err != nil {
			return c.giveUp(NoKey, err)
		}
	}
	c.keys = append(c.keys, key)
	// The server may have throttled another call while the key source was busy.
	if f := c.pause(began, 0); f != nil || c.attempts == 0 || c.Request.GetBody == nil {
		return f
	}
	reopen := func() (io.ReadCloser, error) { return c.bodyAfter(c.progress) }
	body, err := await.Do(c.ctx, reopen, func(body io.ReadCloser) { _ = body.Close() })
	if err != nil {
		return c.giveUp(NotReplayable, err)
	}
	c.body, c.Release = body, nil
	return nil
}

// pause waits for the delay of this call and for the throttling of all calls. It
// waits for the throttling until MaxRetryAfter after began at the longest, so that a
// channel that is always throttled does not stop the others for ever. It does not
// begin a wait that cannot end before the caller's deadline. It adds a random time,
// so that throttled calls do not all come back at once.
func (c *call) pause(began time.Time, delay time.Duration) *Failure {
	due := c.Clock.Now().Add(delay)
	for {
		if err := c.ctx.Err(); err != nil {
			return c.giveUp(Ended, err)
		}
		now := c.Clock.Now()
		wait := due.Sub(now)
		left := min(c.throttle.remaining(now), began.Add(c.Policy.MaxRetryAfter).Sub(now))
		if left > 0 {
			spread := min(c.Policy.spread(left), c.timeLeft(now)-left)
			if spread <= 0 {
				f := c.giveUp(Throttled, errors.New("a call of this client was throttled"))
				f.StopReason, f.RetryAfter = reasonDeadline, left
				return f
			}
			wait = max(wait, left+time.Duration(c.Clock.Random()*float64(spread)))
		}
		if wait <= 0 {
			return nil
		}
		c.Clock.Sleep(c.ctx, wait)
	}
}

// timeLeft returns the time until the caller's deadline.
func (c *call) timeLeft(now time.Time) time.Duration {
	if deadline, ok := c.ctx.Deadline(); ok {
		return deadline.Sub(now)
	}
	return math.MaxInt64
}

const reasonDeadline = "not tried again: the context would end before the next attempt"

// decide records the outcome of an attempt and decides whether to make another
// attempt, and after what delay. If not, it returns the failure of the call.
func (c *call) decide(f *Failure) (end *Failure, again bool) {
	c.wait = 0
	if f == nil {
		c.budget.earn(c.price)
		if c.hasBody() {
			c.announcing.accepted.Store(true)
		}
		return nil, false
	}
	c.last = f
	if f.Answer.Status != 0 {
		c.lastAnswered = f
	}
	if f.Kind != Ended {
		c.announcing.accepted.Store(false)
	}
	now := c.Clock.Now()
	base, price := c.Policy.BaseDelay, transientPrice
	if f.Answer.Status == http.StatusTooManyRequests {
		base, price = c.Policy.ThrottleDelay, throttledPrice
	}
	wait := c.Policy.delay(base, c.attempts, c.Clock.Random())
	if f.hasRetryAfter {
		wait = f.RetryAfter
	}
	if f.Answer.Status == http.StatusTooManyRequests {
		c.throttle.hold(now, min(wait, c.Policy.MaxRetryAfter))
	}
	reason := ""
	switch another := c.isAnotherRequest(f); {
	case !another && (c.attempts >= c.MaxAttempts || !f.mayRepeat(c.RepeatSafe)):
	case c.hasBody() && c.Request.GetBody == nil && c.progress.state().begun:
		return c.giveUp(NotReplayable, errors.New("the body can be read only once")), false
	case another:
		c.lastAnswered = nil // this answer does not apply to the changed request
		return f, true
	case f.hasRetryAfter && wait > c.Policy.MaxRetryAfter:
		reason = "not waited for: longer than the policy's MaxRetryAfter"
	case wait >= c.timeLeft(now):
		reason = reasonDeadline
	case !c.budget.take(price):
		reason = "not tried again: too many calls of this client are failing"
	default:
		c.wait, c.price = wait, price
		return f, true
	}
	end = c.giveUp(f.Kind, nil)
	end.StopReason = reason
	return end, false
}

// isAnotherRequest reports whether the next attempt differs from the refused one: it
// makes no announcement after a 417, or, once per call, it has a new key after a 401.
func (c *call) isAnotherRequest(f *Failure) bool {
	if c.unannounced && c.progress.announced {
		return true
	}
	if c.rotated || f.Answer.Status != http.StatusUnauthorized || c.attempts >= c.MaxAttempts {
		return false
	}
	key, err := c.Key(c.ctx)
	if err == nil && key != c.keys[len(c.keys)-1] {
		c.newKey, c.rotated = key, true
	}
	return c.rotated
}

// bodyAfter returns a new body once nobody reads the body of attempt p any more.
func (c *call) bodyAfter(p *progress) (io.ReadCloser, error) {
	if !p.stopReading(c.StallTimeout) {
		return nil, errors.New("it is still being read for the attempt before")
	}
	return c.Request.GetBody()
}

// giveUp returns the failure of the call: that of the last attempt, and cause, which
// prevented another attempt (nil: nothing did). It keeps the server's last answer,
// even if a later attempt got no answer.
func (c *call) giveUp(kind Kind, cause error) *Failure {
	var f Failure
	if c.last != nil {
		f = *c.last
	}
	if f.Answer.Status == 0 && c.lastAnswered != nil {
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
	f.Kind, f.Attempts, f.Keys = kind, c.attempts, c.keys
	return &f
}

func (c *call) hasBody() bool { return c.Request.Body != nil && c.Request.Body != http.NoBody }

// end closes the body if no attempt has closed it.
func (c *call) end() {
	if c.Request.Body != nil && (c.progress == nil || c.Request.GetBody == nil && !c.progress.state().begun) {
		_ = c.Request.Body.Close()
	}
}
