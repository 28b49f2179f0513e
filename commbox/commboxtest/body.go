package commboxtest

import (
	"io"
	"sync/atomic"
	"time"
)

// requestBody counts what is read of a request. Once it cannot be read on,
// because the client has gone or a fault has ended it, nothing more is.
type requestBody struct {
	r    io.Reader
	read *atomic.Int64
	err  error
}

func (b *requestBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p)
	b.read.Add(int64(n))
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// trigger acts once, when left bytes were read or there are no more.
type trigger struct {
	r    io.Reader
	left int64
	act  func() error
	done bool
}

func (t *trigger) Read(p []byte) (int, error) {
	if t.done {
		return t.r.Read(p)
	}
	if t.left > 0 {
		n, err := t.r.Read(p[:min(int64(len(p)), t.left)])
		t.left -= int64(n)
		if err == nil {
			return n, nil
		}
		if err != io.EOF {
			return n, err
		}
		if n > 0 {
			return n, nil // the end is told again
		}
	}
	t.done = true
	if err := t.act(); err != nil {
		return 0, err
	}
	return t.r.Read(p)
}

// slowReader reads rate bytes per second, evenly.
type slowReader struct {
	r     io.Reader
	rate  int64
	pause func(time.Duration) error
	start time.Time
	read  int64
}

func (s *slowReader) Read(p []byte) (int, error) {
	if s.start.IsZero() {
		s.start = time.Now()
	}
	// Twenty steps a second, however slow; a byte at least.
	step := max(s.rate/20, 1)
	n, err := s.r.Read(p[:min(int64(len(p)), step)])
	s.read += int64(n)
	due := s.start.Add(time.Duration(float64(s.read) / float64(s.rate) * float64(time.Second)))
	if werr := s.pause(time.Until(due)); werr != nil {
		return n, werr
	}
	return n, err
}
