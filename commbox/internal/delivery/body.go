package delivery

import (
	"io"
	"net/http"
	"time"
)

// trackedBody is a request body as net/http reads it. It reports to progress,
// and closes its source only when no read is under way, so that a source need
// not be safe for concurrent use.
type trackedBody struct {
	progress *progress
	src      io.ReadCloser
	once     bool          // src is not closed unless it was read: there is no other
	closed   chan struct{} // src is closed and will not be used again

	// Guarded by the lock of progress.
	bodyState
	reading bool
	stopped bool // Close was called
}

// bodyState is what has become of a body.
type bodyState struct {
	taken    int64 // bytes
	begun    bool  // it was read
	complete bool  // nothing is left of it
	arrived  bool  // the server may have something that it could process
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
	if p.refused && !b.begun && !b.stopped {
		// net/http would now send the whole body to keep the connection. Waiting
		// for the end of the attempt saves that, and the answer from being lost
		// to a reset.
		p.mu.Unlock()
		select {
		case <-p.done:
		case <-time.After(time.Second):
		}
		p.mu.Lock()
	}
	if b.stopped {
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
		b.release()
	}
}

// Close ends the reading. It never waits: a read that is under way closes the
// source when it ends.
func (b *trackedBody) Close() error {
	b.progress.mu.Lock()
	release := !b.stopped && !b.reading
	b.stopped = true
	b.progress.mu.Unlock()
	if release {
		b.release()
	}
	return nil
}

func (b *trackedBody) release() {
	if b.begun || !b.once {
		_ = b.src.Close()
	}
	close(b.closed)
}
