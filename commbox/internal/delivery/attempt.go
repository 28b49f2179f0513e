package delivery

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/commbox-go/client/commbox/internal/await"
)

// inMemory is the largest size in bytes of a body that is taken at once.
const inMemory = 12 << 10

// attempt is one request on its way.
type attempt struct {
	*call
	req      *http.Request
	began    time.Time
	cancel   context.CancelCauseFunc
	progress progress
}

// send is one attempt.
func (c *call) send() (*Result, *Failure) {
	c.attempts++
	a := c.begin()
	c.attempt = a
	defer a.end()
	if c.Timeout > 0 {
		defer time.AfterFunc(c.Timeout, func() { a.cancel(&timeoutError{"the Timeout of the http.Client is over"}) }).Stop()
	}
	resp, err := a.do()
	if err != nil {
		return nil, a.unanswered(err)
	}
	defer func() { _ = resp.Body.Close() }()
	resp.Request = c.Request // not the one with the key
	c.unannounced = c.unannounced || resp.StatusCode == http.StatusExpectationFailed
	a.progress.record(&a.progress.answered, true)
	payload, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, c.MaxResponse))
	payload = bytes.TrimPrefix(payload, []byte("\xef\xbb\xbf")) // a byte order mark
	if f := a.refused(resp, payload, err); f != nil {
		return nil, f
	}
	return &Result{Response: resp, Payload: payload, Attempts: c.attempts, BytesSent: a.progress.state().taken, keys: c.keys}, nil
}

// begin prepares the next attempt of a call.
func (c *call) begin() *attempt {
	ctx, cancel := context.WithCancelCause(c.ctx)
	a := &attempt{call: c, began: time.Now(), cancel: cancel}
	once, length := c.Request.GetBody == nil, c.Request.ContentLength
	p := &a.progress
	p.stall, p.response, p.length, p.moved, p.done = c.StallTimeout, c.ResponseTimeout, length, a.began, ctx.Done()
	p.inMemory = !once && 0 < length && length <= inMemory
	p.announced = c.hasBody() && !c.unannounced && c.announcing.due(length, once)

	var release func()
	if c.attempts == 1 {
		release = c.Release
	}
	a.req = c.Request.WithContext(httptrace.WithClientTrace(ctx, p.trace(release)))
	a.req.Header = make(http.Header, len(c.Request.Header)+4)
	maps.Copy(a.req.Header, c.Request.Header)
	c.Authorize(a.req.Header, c.key)
	if p.announced {
		a.req.Header["Expect"] = []string{"100-continue"}
	}
	switch {
	case p.inMemory:
		// net/http writes such a body together with the header, as long as
		// nothing is wrapped around it.
		a.req.Body = c.body
	case c.hasBody():
		a.req.Body = p.track(c.body, once)
		if !once { // for a connection that turns out to be dead
			a.req.GetBody = func() (io.ReadCloser, error) {
				body, err := c.Request.GetBody()
				if err != nil {
					return nil, err
				}
				return p.track(body, false), nil
			}
		}
	}
	c.watchdog.add(a)
	return a
}

// do sends the request. net/http does not return from a cancelled one while a
// read of its body is under way; where such a read may take long, this does.
func (a *attempt) do() (*http.Response, error) {
	if !a.Waits || a.progress.inMemory || !a.hasBody() {
		return a.roundTrip()
	}
	return await.Do(a.req.Context(), a.roundTrip, func(resp *http.Response) { _ = resp.Body.Close() })
}

// roundTrip does what http.Client does around a transport, but for redirects,
// which are not followed: cookies, and what a transport may leave out.
func (a *attempt) roundTrip() (*http.Response, error) {
	if a.Jar != nil {
		for _, cookie := range a.Jar.Cookies(a.req.URL) {
			a.req.AddCookie(cookie)
		}
	}
	resp, err := a.Transport.RoundTrip(a.req)
	if err != nil {
		return nil, err
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	if resp.Header == nil {
		resp.Header = make(http.Header)
	}
	if a.Jar != nil {
		a.Jar.SetCookies(a.req.URL, resp.Cookies())
	}
	return resp, nil
}

// end lets go of the connection and the body. A read of the body that is under
// way may still finish, for which it waits a moment.
func (a *attempt) end() {
	a.watchdog.remove(a)
	a.progress.stop()
	a.progress.released(await.Grace)
	a.cancel(nil)
}
