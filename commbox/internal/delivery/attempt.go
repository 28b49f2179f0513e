package commbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"time"
)

// phase is what an attempt waits for; each has its own limit.
type phase int

const (
	connecting phase = iota // until there is a connection: the response timeout
	sending                 // until the last byte of the body is taken: the stall timeout
	answering               // until the whole answer is there: the response timeout
)

// attempt is one request on its way. It sees the body pass and the connection
// come and go, and ends the attempt when nothing moves for too long. The
// client's watchdog asks it whether that is so.
type attempt struct {
	req      *http.Request
	began    time.Time
	cancel   context.CancelCauseFunc
	limits   [3]time.Duration // by phase
	hasBody  bool
	inMemory bool // the body is; else it is in body
	patient  bool // reading the body may wait for another party
	expected bool // the request has Expect: 100-continue

	mu        sync.Mutex
	status    int       // of the answer, by HTTP; 0: none
	wake      sync.Cond // continued, firstByte or the end of the body have changed
	phase     phase
	moved     time.Time // when something last moved
	body      *meter    // the one in use; net/http may ask for another
	asked     int       // connections; with 0, net/http does not report on them
	connected bool
	waited    bool // for 100 Continue
	continued bool // by 100 Continue
	firstByte bool // of an answer
	interim   int  // answers of 1xx
	written   bool // all of the request
}

// begin prepares the next attempt of a call.
func (r *run) begin() *attempt {
	now := time.Now()
	a := &attempt{
		began:    now,
		limits:   [3]time.Duration{connecting: r.responseTimeout, sending: r.stallTimeout, answering: r.responseTimeout},
		hasBody:  r.body != nil && r.body != http.NoBody,
		inMemory: r.call.inMemory,
		patient:  r.call.patient,
		moved:    now,
	}
	a.wake.L = &a.mu
	a.expected = a.hasBody && !a.inMemory && r.expects(r.req.ContentLength)
	ctx, cancel := context.WithCancelCause(r.ctx)
	a.cancel = cancel
	a.req = r.req.WithContext(httptrace.WithClientTrace(ctx, a.trace()))
	a.req.Header = r.header(r.req.Header, r.key, a.expected)
	switch {
	case a.inMemory:
		// net/http writes such a body together with the header, as long as
		// nothing is wrapped around it.
		a.req.Body = r.body
	case a.hasBody:
		m := a.watch(r.body)
		a.req.Body, m.keep = m, r.req.GetBody == nil
		if r.req.GetBody != nil {
			a.req.GetBody = a.rewind(r.req.GetBody)
		}
	}
	r.watchdog.add(a)
	return a
}

// header is that of one attempt: the caller's own is not changed.
func (c *chain) header(from http.Header, key string, expect bool) http.Header {
	h := make(http.Header, len(from)+4)
	maps.Copy(h, from)
	own := [...]string{"Bearer " + key, c.userAgent, "application/json", "100-continue"}
	h["Authorization"], h["User-Agent"] = own[0:1:1], own[1:2:2]
	if h["Accept"] == nil {
		h["Accept"] = own[2:3:3]
	}
	if expect {
		h["Expect"] = own[3:4:4]
	}
	return h
}

// do sends the request. net/http does not return from a cancelled one while a
// Read of its body is under way; where such a Read may take long, this does.
func (a *attempt) do(client *http.Client) (*http.Response, error) {
	if !a.hasBody || !a.patient {
		return client.Do(a.req)
	}
	return await(a.req.Context(),
		func() (*http.Response, error) { return client.Do(a.req) },
		func(resp *http.Response) { _ = resp.Body.Close() })
}

// end lets go of the connection and the body. A Read of the body that is under
// way may still finish, for which it waits a moment.
func (r *run) end(a *attempt) {
	r.watchdog.remove(a)
	a.mu.Lock()
	body := a.body
	a.mu.Unlock()
	if body != nil && !body.stop() {
		select {
		case <-body.closed:
		case <-time.After(patience):
		}
	}
	a.cancel(nil)
}

// answered notes that the header of the answer is there.
func (a *attempt) answered(resp *http.Response) {
	if resp.Header == nil { // of a RoundTripper that is not net/http's
		resp.Header = make(http.Header)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.start(answering)
	a.status = resp.StatusCode
}

// untouched reports whether the body is as it was before the attempt.
func (a *attempt) untouched() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.body == nil || !a.body.begun
}

// released waits until the body of an ended attempt is no longer read, so that
// another attempt can start from its first byte. It is false if ctx ends, or
// the Read does not within the stall timeout.
func (a *attempt) released(ctx context.Context) bool {
	a.mu.Lock()
	body := a.body
	a.mu.Unlock()
	if body == nil {
		return true
	}
	timeout := time.NewTimer(a.limits[sending])
	defer timeout.Stop()
	select {
	case <-body.closed:
		return true
	case <-ctx.Done():
	case <-timeout.C:
	}
	return false
}

// start begins a phase. What still moves of the body when there is an answer
// does not matter any more. The caller holds a.mu.
func (a *attempt) start(p phase) {
	if a.status == 0 {
		a.phase, a.moved = p, time.Now()
	}
}

// expire ends the attempt if nothing has moved for too long, and returns when
// that may be so at the earliest.
func (a *attempt) expire() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	limit := a.limits[a.phase]
	if left := limit - time.Since(a.moved); left > 0 {
		return left
	}
	switch a.phase {
	case connecting:
		a.cancel(&timeoutError{fmt.Sprintf("no connection within %v", limit)})
	case sending:
		a.cancel(&timeoutError{fmt.Sprintf("nothing moved for %v while sending", limit)})
	case answering:
		a.cancel(&timeoutError{fmt.Sprintf("no answer within %v of the last byte sent", limit)})
	}
	return limit
}

// timeoutError ends an attempt, not the caller's context: it is a timeout, but
// not context.DeadlineExceeded.
type timeoutError struct{ what string }

func (e *timeoutError) Error() string        { return e.what }
func (e *timeoutError) Timeout() bool        { return true }
func (e *timeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

var errEnded = errors.New("the attempt has ended")
