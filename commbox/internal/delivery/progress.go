package commbox

import (
	"io"
	"time"
)

// meter is a request body as net/http reads it: it counts, tells its attempt
// that something moves, and closes its source only when no Read is under way,
// so that a source need not be safe for concurrent use.
type meter struct {
	a    *attempt
	src  io.ReadCloser
	keep bool // src is not closed unless it was read: there is no other

	// Guarded by a.mu.
	taken    int64 // bytes
	complete bool  // all of src was taken
	err      error // of src
	begun    bool  // src was read
	reading  bool
	stopped  bool          // Close was called
	closed   chan struct{} // src is closed and will not be used again
}

// watch makes src the body of the attempt.
func (a *attempt) watch(src io.ReadCloser) *meter {
	m := &meter{a: a, src: src, closed: make(chan struct{})}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.body = m
	return m
}

// rewind is GetBody for net/http, which asks for the body again when a
// connection turns out to be dead, and, before it knows that a redirect will
// not be followed, for bodies that it then neither reads nor closes. So the
// body is opened by its first Read.
func (a *attempt) rewind(open func() (io.ReadCloser, error)) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		return a.watch(&lazyBody{open: open}), nil
	}
}

type lazyBody struct {
	open func() (io.ReadCloser, error)
	src  io.ReadCloser
}

func (b *lazyBody) Read(p []byte) (int, error) {
	if b.src == nil {
		src, err := b.open()
		if err != nil {
			return 0, err
		}
		b.src = src
	}
	return b.src.Read(p)
}

func (b *lazyBody) Close() error {
	if b.src == nil {
		return nil
	}
	return b.src.Close()
}

func (m *meter) Read(p []byte) (int, error) {
	if !m.startRead() {
		return 0, errEnded
	}
	n, err := m.src.Read(p)
	if m.endRead(n, err) {
		m.release()
	}
	return n, err
}

// startRead reports whether the source may be read.
func (m *meter) startRead() bool {
	a := m.a
	a.mu.Lock()
	defer a.mu.Unlock()
	// An answer that comes instead of 100 Continue is the final one. net/http
	// would now send the whole body to keep the connection; waiting for the
	// end of the attempt saves that, and the answer from being lost to a reset.
	for a.refusing() && m.taken == 0 && !m.stopped {
		a.wake.Wait()
	}
	if m.stopped {
		return false
	}
	m.begun, m.reading = true, true
	a.start(sending)
	return true
}

// endRead reports whether the source is to be closed now.
func (m *meter) endRead(n int, err error) (release bool) {
	a := m.a
	a.mu.Lock()
	defer a.mu.Unlock()
	m.reading = false
	m.taken += int64(n)
	if a.status == 0 {
		a.moved = time.Now()
	}
	eof := err == io.EOF //nolint:errorlint // as net/http takes it
	if err != nil && !eof {
		m.err = err
	}
	if m.complete = eof || m.taken == a.req.ContentLength; m.complete {
		a.start(answering)
	}
	return m.stopped
}

// Close never waits: where a Read is under way, the source is closed after it.
func (m *meter) Close() error {
	m.stop()
	return nil
}

// stop is Close; it reports whether the source is closed by now.
func (m *meter) stop() (closed bool) {
	m.a.mu.Lock()
	release := !m.stopped && !m.reading
	m.stopped = true
	closed = !m.reading
	m.a.wake.Broadcast()
	m.a.mu.Unlock()
	if release {
		m.release()
	}
	return closed
}

func (m *meter) release() {
	if m.begun || !m.keep {
		_ = m.src.Close()
	}
	close(m.closed)
}
