package commbox

import (
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// chain is what every call of a Client goes through, UploadMedia as well as
// all generated operations: Do tries, send makes one attempt.
type chain struct {
	http            *http.Client
	key             KeySource
	userAgent       string
	policy          RetryPolicy
	stallTimeout    time.Duration
	responseTimeout time.Duration
	maxResponse     int64 // bytes
	logger          *slog.Logger
	observer        func(Attempt)
	clock           clock

	watchdog      *watchdog
	throttle      throttle
	budget        budget
	expectIgnored atomic.Bool // the server does not answer Expect: 100-continue
}

// Do implements gen.HttpRequestDoer: it sends req until an attempt succeeds or
// another one makes no sense. Its error is an *Error.
func (c *chain) Do(req *http.Request) (*http.Response, error) {
	r := &run{chain: c, req: req, ctx: req.Context(), call: callOf(req), body: req.Body}
	if r.call.prepare != nil {
		r.call.prepare(req)
		r.call.receipt.begun = true
	}
	for {
		if err := r.ready(); err != nil {
			r.closeBody()
			return nil, err
		}
		resp, failure := c.send(r)
		wait, again := r.settle(failure)
		r.report(resp, failure, wait, again)
		if failure == nil {
			return resp, nil
		}
		if !again {
			r.closeBody()
			return nil, r.final(failure)
		}
		r.wait = wait
	}
}

// send is one attempt: timeouts, key, http.Client, bounded answer, errors.
func (c *chain) send(r *run) (*http.Response, *Error) {
	r.attempts++
	a := c.begin(r)
	r.attempt = a
	defer c.end(a)

	resp, err := a.do(c.http)
	if err != nil {
		failure := r.failed(err)
		failure.redact(r.key)
		return nil, failure
	}
	a.answered()
	answer, err := readBounded(resp, c.maxResponse)
	answer = withoutBOM(answer)
	// A refusal that came late says nothing: the server may well have refused
	// without the body.
	ignored := a.ignoredExpect() && resp.StatusCode < 300
	if ignored || a.expected && resp.StatusCode == http.StatusExpectationFailed {
		c.expectIgnored.Store(true)
	}
	if failure := r.judge(resp, answer, err); failure != nil {
		failure.redact(r.key)
		return nil, failure
	}
	return withBody(resp, r.req, answer), nil
}

// expectFrom is the size in bytes from which a body is announced before it is
// sent. Smaller ones are on their way before an answer could stop them.
const expectFrom = 1 << 20

// expects reports whether a body of size bytes (-1: not known) is announced
// with Expect: 100-continue (RFC 9110, section 10.1.1). net/http takes 0 for
// not known too, where there is a body.
func (c *chain) expects(size int64) bool {
	return (size <= 0 || size >= expectFrom) && !c.expectIgnored.Load()
}

// readBounded reads a whole answer, or the first limit bytes of it with
// errTooLarge.
func readBounded(resp *http.Response, limit int64) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	if n := resp.ContentLength; n >= 0 && n <= limit && resp.Body != http.NoBody {
		data := make([]byte, n)
		read, err := io.ReadFull(resp.Body, data)
		return data[:read], err
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if int64(len(data)) > limit {
		return data[:limit], errTooLarge
	}
	return data, err
}
