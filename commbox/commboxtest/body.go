package commboxtest

import (
	"io"
	"sync/atomic"
	"time"
)

// requestBody counts the bytes that are read of a request. After an error (the client
// has gone, or a fault has ended the connection) every Read fails.
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

// trigger is a Reader without bytes. Its Read calls the function and returns its error.
type trigger func() error

func (act trigger) Read([]byte) (int, error) {
	if err := act(); err != nil {
		return 0, err
	}
	return 0, io.EOF
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
	// Twenty steps a second, of at least one byte.
	step := max(s.rate/20, 1)
	n, err := s.r.Read(p[:min(int64(len(p)), step)])
	s.read += int64(n)
	due := s.start.Add(time.Duration(float64(s.read) / float64(s.rate) * float64(time.Second)))
	if werr := s.pause(time.Until(due)); werr != nil {
		return n, werr
	}
	return n, err
}
