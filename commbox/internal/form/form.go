package commbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/commbox-go/client/commbox/internal/whatsapp"
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
func inspect(file File, unlimited bool) (*source, error) {
	s := &source{file: file, contentType: file.ContentType, size: file.Size, buffer: buffers.Get().(*buffer)}
	opened, err := s.open()
	if err == nil {
		s.rest = opened
		if err = s.look(unlimited); err != nil {
			_ = opened.Close()
		}
	}
	if err != nil {
		buffers.Put(s.buffer)
		return nil, invalid("%w", err)
	}
	return s, nil
}

func (s *source) open() (io.ReadCloser, error) {
	opened, err := s.file.Open()
	switch {
	case err != nil:
		return nil, err
	case opened == nil:
		return nil, fmt.Errorf("opening %s has returned nothing", s.file.Name)
	case s.file.steady:
		return opened, nil
	default:
		return &eager{ReadCloser: opened}, nil
	}
}

// eager is a reader that gives up on one that yields nothing, over and over.
type eager struct {
	io.ReadCloser
	empty int
}

func (e *eager) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	switch {
	case n > 0 || err != nil || len(p) == 0:
		e.empty = 0
	case e.empty == 100:
		return 0, io.ErrNoProgress
	default:
		e.empty++
	}
	return n, err
}

func (e *eager) Stat() (fs.FileInfo, error) { return stat(e.ReadCloser) }

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

// look finds out what the file is, and whether it may be sent.
func (s *source) look(unlimited bool) error {
	info, err := stat(s.rest)
	switch {
	case err != nil:
		return err
	case info == nil:
	case info.IsDir():
		return fmt.Errorf("%s is a directory", s.file.Name)
	case info.Mode().IsRegular():
		s.stamp = stamp{info.Size(), info.ModTime()}
		if s.file.fresh || s.size < 0 {
			s.size = info.Size()
		}
	}
	if err := s.readHead(); err != nil {
		return err
	}
	contentType, limit, err := whatsapp.Check(s.file.Name, s.contentType, s.head)
	s.contentType = contentType
	if unlimited {
		return nil
	}
	if s.limit = limit; err != nil {
		return err
	}
	if s.limit > 0 && s.size > s.limit {
		return tooLarge(s.size, s.limit, s.contentType)
	}
	return nil
}

func tooLarge(size, limit int64, contentType string) error {
	return fmt.Errorf("the file has %d bytes, and WhatsApp accepts at most %d of %s", size, limit, contentType)
}

// minSniff is how much of a file is waited for before it is looked at: what a
// reader that yields slowly has beyond that must not delay its upload.
const minSniff = 512

// readHead reads what the type can be guessed from. A file that ends within it
// has a known size from then on.
func (s *source) readHead() error {
	head := s.buffer[len(s.buffer)-whatsapp.SniffLen:]
	n, err := io.ReadAtLeast(s.rest, head, minSniff)
	s.head = head[:n]
	whole := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case err != nil && !whole:
		return fmt.Errorf("reading %s: %w", s.file.Name, err)
	case n == 0:
		return fmt.Errorf("%s is empty", s.file.Name)
	case s.size >= 0 && s.size < int64(n):
		return fmt.Errorf("%s is longer than its size of %d bytes", s.file.Name, s.size)
	case !whole:
		return nil
	case s.size > int64(n):
		return fmt.Errorf("%s has %d bytes, not %d", s.file.Name, n, s.size)
	default:
		s.size = int64(n)
		return nil
	}
}

// reopen starts the file again, and fails if it is no longer the same.
func (s *source) reopen() (io.ReadCloser, error) {
	file, err := s.open()
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
