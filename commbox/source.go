package commbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"time"
)

// source is a File that has been looked at: its name, type and size are known
// and allowed, and its first bytes are read.
type source struct {
	file        File
	contentType string
	size        int64 // bytes; -1: not known
	limit       int64 // bytes that a file of unknown size may turn out to have; 0: any
	stamp       stamp
	rest        io.ReadCloser // what follows the head, for the first attempt
	buffer      *buffer
	head        []byte // the first bytes, in buffer
}

// buffer is what a small file is sent from, so that it leaves with the header
// of its request in one write, and is lent again after that. From a larger
// file it takes in the head.
type buffer [16 << 10]byte

// smallFile is the size up to which a file, its form and the header of the
// request fit the buffer of a connection (see NewTransport).
const smallFile = 12 << 10

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// stamp tells one state of a file from another. The zero stamp is that of
// something that has none.
type stamp struct {
	size    int64
	modTime time.Time
}

// inspect opens a file and checks what can be checked before anything is sent.
func inspect(ctx context.Context, file File, unlimited bool) (*source, error) {
	if err := checkNames(file); err != nil {
		return nil, err
	}
	open := func() (*source, error) { return look(file, unlimited) }
	if file.steady || file.fresh && !file.once {
		return open()
	}
	return await(ctx, open, func(s *source) { _ = s.rest.Close() })
}

func look(file File, unlimited bool) (*source, error) {
	opened, err := file.Open()
	if err != nil {
		return nil, invalid("%w", err)
	}
	s := &source{file: file, contentType: file.ContentType, size: file.Size, rest: opened, buffer: buffers.Get().(*buffer)}
	if err := s.look(unlimited); err != nil {
		buffers.Put(s.buffer)
		_ = opened.Close()
		return nil, err
	}
	return s, nil
}

// checkNames looks at what will stand in headers.
func checkNames(file File) error {
	switch {
	case file.Open == nil:
		return invalid("the file %q has no content to open", file.Name)
	case file.Name == "":
		return invalid("the file has no name")
	case strings.ContainsFunc(file.Name, notInHeader):
		return invalid("the file name %q contains a line break or another control character", file.Name)
	case strings.ContainsFunc(file.ContentType, notInHeader):
		return invalid("the content type %q contains a line break or another control character", file.ContentType)
	case file.Size < -1:
		return invalid("the size of %q is negative", file.Name)
	default:
		return nil
	}
}

func (s *source) look(unlimited bool) error {
	info, err := stat(s.rest)
	if err != nil {
		return invalid("%w", err)
	}
	if info != nil {
		if info.IsDir() {
			return invalid("%s is a directory", s.file.Name)
		}
		if info.Mode().IsRegular() {
			s.stamp = stamp{info.Size(), info.ModTime()}
			if s.file.fresh {
				s.size = info.Size()
			}
		}
	}
	if err := s.readHead(); err != nil {
		return err
	}
	if s.contentType == "" {
		s.contentType = contentType(s.file.Name, s.head)
	}
	if unlimited {
		return nil
	}
	s.limit = mediaLimit(s.contentType, s.head)
	if s.limit > 0 && s.size > s.limit {
		return tooLarge(s.size, s.limit, s.contentType)
	}
	return nil
}

func tooLarge(size, limit int64, contentType string) error {
	return invalid("the file has %d bytes, and WhatsApp accepts at most %d of %s", size, limit, contentType)
}

// readHead reads what the type can be guessed from. A file that ends within it
// has a known size from then on.
func (s *source) readHead() error {
	head := s.buffer[len(s.buffer)-sniffLen:]
	n, err := io.ReadFull(s.rest, head)
	s.head = head[:n]
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return invalid("reading %s: %w", s.file.Name, err)
	case n == 0:
		return invalid("%s is empty", s.file.Name)
	case s.size >= 0 && s.size != int64(n):
		return invalid("%s has %d bytes, not %d", s.file.Name, n, s.size)
	default:
		s.size = int64(n)
		return nil
	}
}

// isSteady reports whether reading the file cannot wait for another party, as
// reading a pipe does.
func (s *source) isSteady() bool { return s.file.steady || s.stamp != (stamp{}) }

// reopen starts the file again, and fails if it is no longer the same.
func (s *source) reopen() (io.ReadCloser, error) {
	file, err := s.file.Open()
	if err != nil {
		return nil, err
	}
	if err := s.unchanged(file); err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// unchanged compares an open file with what it was when it was looked at.
func (s *source) unchanged(file io.Reader) error {
	if s.stamp == (stamp{}) {
		return nil
	}
	info, err := stat(file)
	if err != nil || info == nil {
		return err
	}
	if now := (stamp{info.Size(), info.ModTime()}); !now.modTime.Equal(s.stamp.modTime) || now.size != s.stamp.size {
		return fmt.Errorf("%w: %s has changed since it was opened first", ErrNotReplayable, s.file.Name)
	}
	return nil
}

// stat asks an open file about itself, if it can be asked.
func stat(r io.Reader) (fs.FileInfo, error) {
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		return f.Stat()
	}
	return nil, nil
}
