package delivery

import "io"

// Body is what the reading of a request body may do.
type Body int

// Kinds of request bodies.
const (
	Steady   Body = iota // reading it waits for nobody but the disk
	Waiting              // reading it may wait for another party
	InMemory             // it is small, and in memory
)

// trackedBody is a request body as net/http reads it. It reports to progress,
// and closes its source only when no read is under way, so that a source need
// not be safe for concurrent use.
type trackedBody struct {
	progress *progress
	src      io.ReadCloser
	keep     bool // src is not closed unless it was read: there is no other

	// Guarded by the lock of progress.
	taken    int64 // bytes
	complete bool  // all of src was taken
	err      error // of src
	begun    bool  // src was read
	reading  bool
	stopped  bool // Close was called

	closed chan struct{} // src is closed and will not be used again
}

// track makes src the body of the attempt.
func (p *progress) track(src io.ReadCloser, keep bool) *trackedBody {
	b := &trackedBody{progress: p, src: src, keep: keep, closed: make(chan struct{})}
	p.watch(b)
	return b
}

func (b *trackedBody) Read(p []byte) (int, error) {
	if !b.progress.startRead(b) {
		return 0, errEnded
	}
	n, err := b.src.Read(p)
	if b.progress.endRead(b, n, err) {
		b.release()
	}
	return n, err
}

func (b *trackedBody) Close() error {
	if release, _ := b.progress.stop(b); release {
		b.release()
	}
	return nil
}

func (b *trackedBody) release() {
	if b.begun || !b.keep {
		_ = b.src.Close()
	}
	close(b.closed)
}
