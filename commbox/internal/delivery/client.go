package commbox

import (
	"io"
	"log/slog"
	"math"
	"net/http"
	"sync/atomic"
	"time"
)

// chain is what every call of a Client goes through, UploadMedia as well as
// all generated operations: run.do tries, run.send makes one attempt.
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

// Do implements gen.HttpRequestDoer. Its error is an *Error.
func (c *chain) Do(req *http.Request) (*http.Response, error) {
	return c.start(req, callOf(req)).do()
}

// do sends the request until an attempt succeeds or another one makes no sense.
func (r *run) do() (*http.Response, error) {
	defer r.closeBody()
	if err := checkRequest(r.req); err != nil {
		return nil, r.stopped(err, unusable)
	}
	for {
		if err := r.ready(); err != nil {
			return nil, err
		}
		resp, failure := r.send()
		again := r.settle(failure)
		r.report(resp, failure, again)
		switch {
		case failure == nil:
			return resp, nil
		case !again:
			return nil, r.stopped(nil, failure.outcome)
		}
	}
}

// send is one attempt: timeouts, key, http.Client, bounded answer, errors.
func (r *run) send() (*http.Response, *Error) {
	r.attempts++
	a := r.begin()
	r.attempt = a
	defer r.end(a)

	resp, err := a.do(r.http)
	if err != nil {
		return nil, r.failed(err)
	}
	a.answered(resp)
	if a.ignoredExpect() || a.expected && a.status == http.StatusExpectationFailed {
		r.expectIgnored.Store(true)
	}
	answer, err := readBounded(resp, r.maxResponse)
	answer = withoutBOM(answer)
	if failure := r.judge(resp, answer, err); failure != nil {
		return nil, failure
	}
	return r.withBody(resp, answer), nil
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
	if resp.StatusCode < 200 { // 101: what follows is another protocol, and does not end
		return nil, nil
	}
	if n := resp.ContentLength; 0 < n && n <= min(limit, 4<<10) {
		data := make([]byte, n)
		read, err := io.ReadFull(resp.Body, data)
		return data[:read], err
	}
	limit = min(limit, math.MaxInt64-1)
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if int64(len(data)) > limit {
		return data[:limit], errTooLarge
	}
	return data, err
}
