package delivery

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"time"
)

// progress records how far an attempt has come. net/http and the body report to it.
// Its lock is the only lock of an attempt.
type progress struct {
	stall, response time.Duration // the longest time without movement: while sending, at other times
	began           time.Time
	ctx             context.Context
	cancel          context.CancelCauseFunc
	length          int64 // of the body in bytes; not positive: not known
	inMemory        bool  // the body is not tracked
	announced       bool  // the request has Expect: 100-continue
	status          int   // of the answer
	hooks           httptrace.ClientTrace

	mu         sync.Mutex
	moved      time.Time    // when something last moved
	body       *trackedBody // the current one, since net/http may ask for another; nil: not tracked
	connecting bool         // there is no connection yet; false if the RoundTripper does not report it
	refused    bool         // an answer came in place of 100 Continue
	answered   bool         // the header of the answer has arrived
}

// trace returns the hooks that net/http calls. Only they show whether a failed
// attempt has sent something. trace sets no hook that the attempt does not need.
// release, if not nil, is called when the body was written.
func (p *progress) trace(release func()) *httptrace.ClientTrace {
	t := &p.hooks
	t.GetConn = func(string) { p.record(&p.connecting, true) }
	t.GotConn = func(httptrace.GotConnInfo) { p.record(&p.connecting, false) }
	if p.announced {
		t.GotFirstResponseByte = func() { p.record(&p.refused, true) }
		t.Got100Continue = func() { p.record(&p.refused, false) }
	}
	if release != nil {
		t.WroteRequest = func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				release()
			}
		}
	}
	return t
}

func (p *progress) record(event *bool, happened bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*event = happened
	p.move() // does nothing for answered: the whole answer has one time limit
}

// move records that something has moved. After the answer has arrived, the rest of
// the body no longer counts. The caller holds the lock.
func (p *progress) move() {
	if !p.answered {
		p.moved = time.Now()
	}
}

// expired returns an error if nothing has moved for too long. It does not count the
// time in which the process was paused.
func (p *progress) expired(now time.Time, paused time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.moved = p.moved.Add(max(0, paused)); p.moved.After(now) {
		p.moved = now
	}
	limit, what := p.response, "no answer within %v of the last byte sent"
	switch {
	case p.connecting:
		what = "no connection within %v"
	case !p.answered && p.body != nil && p.body.begun && !p.body.complete:
		limit, what = p.stall, "nothing moved for %v while sending"
	}
	if now.Sub(p.moved) < limit {
		return nil
	}
	return &timeoutError{fmt.Sprintf(what, limit)}
}

// state returns how much of the body was sent. A body that is not tracked counts as
// sent once there is a connection.
func (p *progress) state() bodyState {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := bodyState{complete: true, arrived: !p.connecting}
	switch {
	case p.body != nil:
		s = p.body.bodyState
		s.arrived = s.taken > 0
	case p.inMemory && s.arrived:
		s.taken = p.length
	}
	return s
}

// stopReading stops the reading of the body, waits for at most within, and reports
// whether the reading has ended.
func (p *progress) stopReading(within time.Duration) bool {
	p.mu.Lock()
	b := p.body
	p.mu.Unlock()
	if b == nil {
		return true
	}
	_ = b.Close()
	select {
	case <-b.closed:
		return true
	case <-time.After(within):
		return false
	}
}

// trackedBody is the request body that net/http reads. It reports to progress. It
// closes its source only when no read is under way, so that a source need not be safe
// for concurrent use.
type trackedBody struct {
	progress *progress
	src      io.ReadCloser
	once     bool          // there is only one src: close it only if it was read
	closed   chan struct{} // closed when src will not be used again

	// Guarded by the lock of progress.
	bodyState
	reading bool
	stopped bool // Close was called
}

// bodyState says how much of a body was sent.
type bodyState struct {
	taken    int64 // bytes
	begun    bool  // a read has begun
	complete bool  // it was read to its end
	arrived  bool  // the server may have received something to process
	err      error // of its source
}

// track makes src the body of the attempt.
func (p *progress) track(src io.ReadCloser, once bool) *trackedBody {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.body = &trackedBody{progress: p, src: src, once: once, closed: make(chan struct{})}
	return p.body
}

func (b *trackedBody) Read(p []byte) (int, error) {
	if !b.startRead() {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.src.Read(p)
	b.endRead(n, err)
	return n, err
}

func (b *trackedBody) startRead() bool {
	p := b.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	for waited := false; p.refused && !b.begun && !b.stopped && p.ctx.Err() == nil && (p.answered || !waited); waited = true {
		// net/http would now send the whole body to keep the connection. Waiting
		// for the end of the attempt avoids that, and the answer cannot be lost
		// to a reset. The second is for an interim answer, such as a 103, that no
		// 100 Continue follows.
		p.mu.Unlock()
		sleep(p.ctx, time.Second)
		p.mu.Lock()
	}
	if b.stopped || p.ctx.Err() != nil {
		return false
	}
	b.begun, b.reading = true, true
	p.move()
	return true
}

func (b *trackedBody) endRead(n int, err error) {
	b.progress.mu.Lock()
	b.reading = false
	b.taken += int64(n)
	eof := err == io.EOF //nolint:errorlint // as net/http takes it
	if err != nil && !eof {
		b.err = err
	}
	b.complete = eof || b.taken == b.progress.length
	b.progress.move()
	stopped := b.stopped
	b.progress.mu.Unlock()
	if stopped {
		b.closeSource()
	}
}

// Close stops the reading. It does not wait for a read that is under way: that read
// closes the source when it ends.
func (b *trackedBody) Close() error {
	b.progress.mu.Lock()
	release := !b.stopped && !b.reading
	b.stopped = true
	b.progress.mu.Unlock()
	if release {
		b.closeSource()
	}
	return nil
}

func (b *trackedBody) closeSource() {
	if b.begun || !b.once {
		_ = b.src.Close()
	}
	close(b.closed)
}

// timeoutError is the timeout of an attempt. It is not context.DeadlineExceeded,
// because the caller's context has not ended.
type timeoutError struct{ what string }

func (e *timeoutError) Error() string        { return e.what }
func (e *timeoutError) Timeout() bool        { return true }
func (e *timeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }
