package delivery

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// phase is what an attempt waits for. Each phase has a limit of its own.
type phase int

const (
	connecting phase = iota // until there is a connection: the response timeout
	sending                 // until the last byte of the body is taken: the stall timeout
	answering               // until the whole answer is there: the response timeout
)

// progress is how far an attempt has come. Its methods are the events that the
// connection and the body report, and the questions that follow from them. It
// is the only owner of the lock of an attempt.
type progress struct {
	limits    [3]time.Duration // by phase
	length    int64            // of the body in bytes; not positive: not known
	hasBody   bool
	inMemory  bool // the body is not tracked
	announced bool // the request has Expect: 100-continue

	mu             sync.Mutex
	wake           sync.Cond // continued, firstByte or the end of the body have changed
	phase          phase
	moved          time.Time    // when something last moved
	status         int          // of the answer; 0: none
	body           *trackedBody // the one in use; net/http may ask for another
	connsRequested int          // with 0, a RoundTripper does not report on its connections
	connected      bool
	continued      bool // by 100 Continue
	firstByte      bool // of an answer
	interim        int  // answers of 1xx
	written        bool // all of the request
	sentBefore     bool // on a connection that net/http has replaced
}

// maxInterim is how many answers of 1xx may come before the final one.
const maxInterim = 32

var (
	errInterim = errors.New("too many interim answers")
	errEnded   = errors.New("the attempt has ended")
)

func (p *progress) event(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
	p.wake.Broadcast()
}

// enter begins a phase. What still moves of the body when there is an answer
// does not matter any more. The caller holds the lock, as for all unexported
// methods without a lock below.
func (p *progress) enter(to phase) {
	if p.status == 0 {
		p.phase, p.moved = to, time.Now()
	}
}

func (p *progress) connRequested() {
	p.event(func() {
		p.sentBefore = p.sentBefore || p.connected && p.written
		p.connsRequested++
		p.connected = false
		p.enter(connecting)
	})
}

func (p *progress) connReady() {
	p.event(func() {
		p.connected = true
		if p.hasBody {
			p.enter(sending)
		} else {
			p.enter(answering)
		}
	})
}

func (p *progress) requestWritten() { p.event(func() { p.written = true; p.enter(answering) }) }
func (p *progress) waiting100()     { p.event(func() { p.enter(answering) }) }
func (p *progress) got100()         { p.event(func() { p.continued = true }) }
func (p *progress) gotFirstByte()   { p.event(func() { p.firstByte = true }) }

// letGo ends the wait of startRead: net/http waits for the read before it gives
// up, also where the rest of an answer does not come.
func (p *progress) letGo() { p.event(func() { p.firstByte = false }) }

func (p *progress) gotInterim() (err error) {
	p.event(func() {
		p.firstByte = false
		if p.interim++; p.interim > maxInterim {
			err = errInterim
		}
	})
	return err
}

// answered records that the header of the answer is there.
func (p *progress) answered(status int) {
	p.event(func() { p.enter(answering); p.status = status })
}

// watch makes b the body of the attempt.
func (p *progress) watch(b *trackedBody) {
	p.event(func() {
		p.sentBefore = p.sentBefore || p.body != nil && p.body.taken > 0
		p.body = b
	})
}

// startRead reports whether the body may be read.
func (p *progress) startRead(b *trackedBody) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	// An answer that comes instead of 100 Continue is the final one. net/http
	// would now send the whole body to keep the connection. Waiting for the end
	// of the attempt saves that, and the answer from being lost to a reset.
	held := func() bool { return p.announced && p.firstByte && !p.continued && b.taken == 0 && !b.stopped }
	if held() {
		timer := time.AfterFunc(time.Second, p.letGo)
		defer timer.Stop()
	}
	for held() {
		p.wake.Wait()
	}
	if b.stopped {
		return false
	}
	b.begun, b.reading = true, true
	p.enter(sending)
	return true
}

// endRead records a read, and reports whether the source is to be closed now.
func (p *progress) endRead(b *trackedBody, n int, err error) (release bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b.reading = false
	b.taken += int64(n)
	if p.status == 0 {
		p.moved = time.Now()
	}
	eof := err == io.EOF //nolint:errorlint // as net/http takes it
	if err != nil && !eof {
		b.err = err
	}
	if b.complete = eof || b.taken == p.length; b.complete {
		p.enter(answering)
	}
	return b.stopped
}

// stop ends the reading of the body. It never waits: where a read is under way,
// endRead has the source closed.
func (p *progress) stop(b *trackedBody) (release, reading bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	release = !b.stopped && !b.reading
	b.stopped = true
	p.wake.Broadcast()
	return release, b.reading
}

// expired is the error of an attempt in which nothing has moved for too long,
// not counting the time in which the process was paused.
func (p *progress) expired(now time.Time, paused time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.moved = p.moved.Add(max(0, paused)); p.moved.After(now) {
		p.moved = now
	}
	limit := p.limits[p.phase]
	if now.Sub(p.moved) < limit {
		return nil
	}
	switch p.phase {
	case connecting:
		return &timeoutError{fmt.Sprintf("no connection within %v", limit)}
	case sending:
		return &timeoutError{fmt.Sprintf("nothing moved for %v while sending", limit)}
	default:
		return &timeoutError{fmt.Sprintf("no answer within %v of the last byte sent", limit)}
	}
}

// sent returns the bytes of the body that were taken, and whether sending
// began: without a connection, or with a body of which nothing was taken, the
// server has nothing that it could process. A body in memory is taken at once.
func (p *progress) sent() (bytes int64, began bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.body != nil {
		return p.body.taken, p.body.taken > 0 || p.sentBefore
	}
	if began = p.connected || p.connsRequested == 0; began && p.inMemory {
		bytes = p.length
	}
	return bytes, began || p.sentBefore
}

// bodySent reports whether nothing of the body is left to be taken.
func (p *progress) bodySent() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.body == nil || p.body.complete
}

// announcementRefused reports a 417: the server does not take announcements.
func (p *progress) announcementRefused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.announced && p.status == http.StatusExpectationFailed
}

// untouched reports whether the body is as it was before the attempt.
func (p *progress) untouched() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.body == nil || !p.body.begun
}

// released reports whether net/http is certainly done with a body in memory.
// Where it has tried a second connection, the event may be of either.
func (p *progress) released() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.written && p.connsRequested == 1
}

// currentBody is the body in use, and the error of its source; nil: none.
func (p *progress) currentBody() (*trackedBody, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.body == nil {
		return nil, nil
	}
	return p.body, p.body.err
}

// timeoutError ends an attempt, not the caller's context: it is a timeout, but
// not context.DeadlineExceeded.
type timeoutError struct{ what string }

func (e *timeoutError) Error() string        { return e.what }
func (e *timeoutError) Timeout() bool        { return true }
func (e *timeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }
