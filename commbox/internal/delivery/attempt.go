package delivery

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/commbox-go/client/commbox/internal/await"
)

// maxInMemory is the largest body, in bytes, that net/http takes in one piece.
const maxInMemory = 12 << 10

// send makes one attempt.
func (c *call) send() (Result, *Failure) {
	ctx, cancel := context.WithCancelCause(c.ctx)
	defer cancel(nil)
	if c.HTTP.Timeout > 0 {
		defer time.AfterFunc(c.HTTP.Timeout, func() { cancel(&timeoutError{"the Timeout of the http.Client is over"}) }).Stop()
	}
	c.attempts++
	req := c.prepare(ctx, cancel)
	// Let a read of the body that is under way finish.
	defer c.progress.stopReading(await.Grace)
	c.watchdog.add(c.progress)
	defer c.watchdog.remove(c.progress)

	resp, err := c.roundTrip(req)
	if err != nil {
		return Result{}, c.unanswered(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	resp.Request = c.Request // the request that was sent has the key
	c.progress.status = resp.StatusCode
	c.progress.record(&c.progress.answered, true)
	c.unannounced = c.unannounced || resp.StatusCode == http.StatusExpectationFailed
	payload, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, c.MaxResponse))
	payload = bytes.TrimPrefix(payload, []byte("\xef\xbb\xbf")) // a byte order mark
	if f := c.answered(ctx, resp, payload, err); f != nil {
		return Result{}, f
	}
	return Result{Response: resp, Payload: payload, Attempts: c.attempts, BytesSent: c.progress.state().taken, keys: c.keys}, nil
}

// prepare makes the request of the next attempt.
func (c *call) prepare(ctx context.Context, cancel context.CancelCauseFunc) *http.Request {
	once, length, now := c.Request.GetBody == nil, c.Request.ContentLength, time.Now()
	p := &progress{
		stall: c.StallTimeout, response: c.ResponseTimeout, began: now, moved: now, ctx: ctx, cancel: cancel, length: length,
		inMemory:  !once && 0 < length && length <= maxInMemory,
		announced: c.hasBody() && !c.unannounced && c.announcing.due(length, once),
	}
	c.progress = p
	req := c.Request.WithContext(httptrace.WithClientTrace(ctx, p.trace(c.Release)))
	req.Header = make(http.Header, len(c.Request.Header)+4)
	maps.Copy(req.Header, c.Request.Header)
	c.Authorize(req.Header, c.keys[len(c.keys)-1])
	if p.announced {
		req.Header["Expect"] = []string{"100-continue"}
	}
	switch {
	case p.inMemory:
		// net/http writes such a body together with the header, but only if
		// nothing is wrapped around it.
		req.Body = c.body
	case c.hasBody():
		req.Body = p.track(c.body, once)
		if !once { // for when net/http finds that an idle connection is dead
			req.GetBody = func() (io.ReadCloser, error) {
				body, err := c.bodyAfter(p)
				if err != nil {
					return nil, err
				}
				return p.track(body, false), nil
			}
		}
	}
	return req
}

// roundTrip sends a request. Like http.Client it handles cookies and fills in what a
// transport may leave out. It does not follow redirects. net/http does not return
// from a cancelled request while a read of its body is under way; roundTrip does, if
// such a read may take long.
func (c *call) roundTrip(req *http.Request) (resp *http.Response, err error) {
	if c.HTTP.Jar != nil {
		for _, cookie := range c.HTTP.Jar.Cookies(req.URL) {
			req.AddCookie(cookie)
		}
	}
	if c.MayBlock && c.hasBody() && !c.progress.inMemory {
		send := func() (*http.Response, error) { return c.HTTP.Transport.RoundTrip(req) }
		resp, err = await.Do(req.Context(), send, func(resp *http.Response) { _ = resp.Body.Close() })
	} else {
		resp, err = c.HTTP.Transport.RoundTrip(req)
	}
	if err != nil || resp == nil || resp.StatusCode <= 0 {
		return nil, cmp.Or(err, errors.New("what came is no answer"))
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		_ = resp.Body.Close() // it is the connection, which no context would close
	}
	if resp.Header == nil {
		resp.Header = make(http.Header)
	}
	if c.HTTP.Jar != nil {
		c.HTTP.Jar.SetCookies(req.URL, resp.Cookies())
	}
	return resp, nil
}
