package delivery

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/commbox-go/client/commbox/internal/await"
)

// attempt is one request on its way.
type attempt struct {
	*Client
	req      *http.Request
	began    time.Time
	cancel   context.CancelCauseFunc
	waits    bool // reading the body may wait for another party
	progress progress
}

// begin prepares the next attempt of a call.
func (c *call) begin() *attempt {
	now := time.Now()
	a := &attempt{Client: c.Client, began: now, waits: c.Body == Waiting}
	p := &a.progress
	p.limits = [3]time.Duration{connecting: c.ResponseTimeout, sending: c.StallTimeout, answering: c.ResponseTimeout}
	p.length, p.moved, p.wake.L = c.Request.ContentLength, now, &p.mu
	p.hasBody = c.body != nil && c.body != http.NoBody
	p.inMemory = p.hasBody && c.Body == InMemory
	once := c.Request.GetBody == nil
	p.announced = p.hasBody && !p.inMemory && !c.unannounced && c.announcing.due(p.length, once)

	ctx, cancel := context.WithCancelCause(c.ctx)
	a.cancel = cancel
	a.req = c.Request.WithContext(httptrace.WithClientTrace(ctx, p.trace()))
	a.req.Header = make(http.Header, len(c.Request.Header)+4)
	maps.Copy(a.req.Header, c.Request.Header)
	c.Authorize(a.req.Header, c.key)
	if p.announced {
		a.req.Header["Expect"] = []string{"100-continue"}
		context.AfterFunc(ctx, p.letGo)
	}
	switch {
	case p.inMemory:
		// net/http writes such a body together with the header, as long as
		// nothing is wrapped around it.
		a.req.Body = c.body
	case p.hasBody:
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
	if !a.progress.hasBody || !a.waits {
		return a.roundTrip()
	}
	return await.Do(a.req.Context(), a.roundTrip, func(resp *http.Response) { _ = resp.Body.Close() })
}

var errNoResponse = errors.New("the RoundTripper returned neither an answer nor an error")

// roundTrip does what http.Client does around a transport, but for redirects,
// which are not followed: cookies, its Timeout, and checks of what it returns.
func (a *attempt) roundTrip() (*http.Response, error) {
	if a.Timeout > 0 {
		timer := time.AfterFunc(a.Timeout, func() { a.cancel(&timeoutError{"the Timeout of the http.Client is over"}) })
		context.AfterFunc(a.req.Context(), func() { timer.Stop() })
	}
	if a.Jar != nil {
		for _, cookie := range a.Jar.Cookies(a.req.URL) {
			a.req.AddCookie(cookie)
		}
	}
	resp, err := a.Transport.RoundTrip(a.req)
	switch {
	case err != nil:
		return nil, err
	case resp == nil:
		return nil, errNoResponse
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
	if body, _ := a.progress.currentBody(); body != nil {
		release, reading := a.progress.stop(body)
		if release {
			body.release()
		}
		if reading {
			select {
			case <-body.closed:
			case <-time.After(await.Grace):
			}
		}
	}
	a.cancel(nil)
}

// bodyReleased waits until the body of an ended attempt is no longer read, so
// that another attempt can start from its first byte. It is false if ctx ends,
// or the read does not within the stall timeout.
func (a *attempt) bodyReleased(ctx context.Context) bool {
	body, _ := a.progress.currentBody()
	if body == nil {
		return true
	}
	timeout := time.NewTimer(a.StallTimeout)
	defer timeout.Stop()
	select {
	case <-body.closed:
		return true
	case <-ctx.Done():
	case <-timeout.C:
	}
	return false
}
