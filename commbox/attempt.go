package commbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"sync"
	"time"
)

// phase is what an attempt waits for; each has its own limit.
type phase int

const (
	sending   phase = iota // until the last byte of the body is taken: the stall timeout
	answering              // until the whole answer is there: the response timeout
)

// attempt is one request on its way. It sees the body pass and the connection
// come and go, and ends the attempt when nothing moves for too long. There is
// no goroutine behind it, only a timer.
type attempt struct {
	req      *http.Request
	began    time.Time
	cancel   context.CancelCauseFunc
	limits   [2]time.Duration // by phase
	expected bool             // the request has Expect: 100-continue

	mu        sync.Mutex
	wake      sync.Cond // continued, firstByte or the end of the body have changed
	timer     *time.Timer
	phase     phase
	moved     time.Time // when something last moved
	over      bool
	body      *meter // the one in use; net/http may ask for another
	asked     bool   // a connection was asked for, so net/http reports on connections
	connected bool
	waited    bool // for 100 Continue
	continued bool // by 100 Continue
	firstByte bool // of an answer
}

// begin prepares an attempt of req with the given body and key.
func (c *chain) begin(req *http.Request, body io.ReadCloser, key string) *attempt {
	ctx, cancel := context.WithCancelCause(req.Context())
	now := time.Now()
	a := &attempt{
		began:  now,
		cancel: cancel,
		limits: [2]time.Duration{sending: c.stallTimeout, answering: c.responseTimeout},
		phase:  answering,
		moved:  now,
	}
	a.wake.L = &a.mu
	a.req = req.WithContext(httptrace.WithClientTrace(ctx, a.trace()))
	a.req.Header = req.Header.Clone()
	a.req.Header.Set("Authorization", "Bearer "+key)
	a.req.Header.Set("User-Agent", c.userAgent)
	if a.req.Header.Get("Accept") == "" {
		a.req.Header.Set("Accept", "application/json")
	}
	if body != nil && body != http.NoBody {
		a.phase = sending
		m := a.watch(body)
		a.req.Body, m.keep = m, req.GetBody == nil
		if req.GetBody != nil {
			a.req.GetBody = a.rewind(req.GetBody)
		}
		if a.expected = c.expects(req.ContentLength); a.expected {
			a.req.Header.Set("Expect", "100-continue")
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer = time.AfterFunc(a.limits[a.phase], a.expire)
	return a
}

// end lets go of the connection and the body. Nothing of the body is read
// after it, but a Read that is under way may still finish.
func (a *attempt) end() {
	a.mu.Lock()
	a.over = true
	a.timer.Stop()
	body := a.body
	a.mu.Unlock()
	if body != nil {
		_ = body.Close()
	}
	a.cancel(nil)
}

// answered notes that the header of the answer is there.
func (a *attempt) answered() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.start(answering)
}

// untouched reports whether the body is as it was before the attempt.
func (a *attempt) untouched() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.body == nil || !a.body.begun
}

// released waits until the body of an ended attempt is no longer read, so that
// another attempt can start from its first byte.
func (a *attempt) released(ctx context.Context) error {
	if a.body == nil {
		return nil
	}
	select {
	case <-a.body.closed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start begins a phase. The caller holds a.mu.
func (a *attempt) start(p phase) {
	a.phase, a.moved = p, time.Now()
	if !a.over {
		a.timer.Reset(a.limits[p])
	}
}

// expire runs when a limit may be over: movement only notes the time, because
// a timer that is reset for every chunk costs more than one that looks again.
func (a *attempt) expire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return
	}
	limit := a.limits[a.phase]
	if idle := time.Since(a.moved); idle < limit {
		a.timer.Reset(limit - idle)
		return
	}
	if a.phase == sending {
		a.cancel(&timeoutError{fmt.Sprintf("nothing moved for %v while sending", limit)})
	} else {
		a.cancel(&timeoutError{fmt.Sprintf("no answer within %v of the last byte sent", limit)})
	}
}

// timeoutError ends an attempt, not the caller's context: it is a timeout, but
// not context.DeadlineExceeded.
type timeoutError struct{ what string }

func (e *timeoutError) Error() string        { return e.what }
func (e *timeoutError) Timeout() bool        { return true }
func (e *timeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// trace notes what net/http tells about the connection: only with it can a
// failure be told from one where nothing was sent.
func (a *attempt) trace() *httptrace.ClientTrace {
	note := func(what func()) {
		a.mu.Lock()
		defer a.mu.Unlock()
		what()
		a.moved = time.Now()
		a.wake.Broadcast()
	}
	return &httptrace.ClientTrace{
		GetConn:              func(string) { note(func() { a.asked, a.connected = true, false }) },
		GotConn:              func(httptrace.GotConnInfo) { note(func() { a.connected = true }) },
		GotFirstResponseByte: func() { note(func() { a.firstByte = true }) },
		Wait100Continue:      func() { note(func() { a.waited = true; a.start(answering) }) },
		Got100Continue:       func() { note(func() { a.continued = true }) },
		Got1xxResponse: func(int, textproto.MIMEHeader) error {
			note(func() { a.firstByte = false })
			return nil
		},
	}
}

// refusing reports whether the server is answering without having asked for
// the body that it was to ask for. The caller holds a.mu.
func (a *attempt) refusing() bool { return a.expected && a.firstByte && !a.continued }

// sent returns the bytes of the body that were taken, and whether sending
// began: without a connection, or with a body of which nothing was taken, the
// server has nothing that it could process.
func (a *attempt) sent() (bytes int64, began bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.body != nil {
		bytes = a.body.taken
		return bytes, bytes > 0
	}
	return 0, a.connected || !a.asked
}

// ignoredExpect reports whether the server waited for the body instead of
// saying 100 Continue.
func (a *attempt) ignoredExpect() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.expected && a.waited && !a.continued && a.body.taken > 0
}

// inputError is the failure to read the body, if that is what ended the attempt.
func (a *attempt) inputError() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.body == nil {
		return nil
	}
	return a.body.err
}

var errEnded = errors.New("the attempt has ended")
