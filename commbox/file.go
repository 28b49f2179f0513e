package commbox

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/commbox-go/client/commbox/internal/form"
)

// File is something to upload. FromPath, FromFS, FromBytes and FromReader make
// one; its Name, ContentType and Progress may then be changed. To use an Open of
// your own, fill in a new File.
type File struct {
	// Name is the file name that WhatsApp will show.
	Name string
	// ContentType is the media type. If it is empty, the type follows from the
	// extension of Name, or else from the first 512 bytes.
	ContentType string
	// Size is in bytes. -1 means unknown: the size then comes from the Stat
	// method of what Open returns, if it has one. The upload fails if the file has
	// another size. 0 means an empty file, which is refused.
	Size int64
	// Open returns a reader that starts at the first byte of the file. It is
	// called once per attempt, after the reader of the attempt before was closed.
	// The upload ends with its context even while a Read blocks.
	Open func() (io.ReadCloser, error)
	// Progress, if not nil, is called with the number of bytes that have been read
	// for sending, and the size of the file (total, -1: not known). The first
	// 12 KiB are read before there is a connection. sent goes back to 0 when
	// another attempt starts. Progress is called from other goroutines than the
	// one that uploads, but never from two at once. It delays the upload while it
	// runs.
	Progress func(sent, total int64)

	path       string // the name that FromPath or FromFS was given
	once       bool   // Open works a single time
	spool      *spool // not nil: made by Spool
	sizeAtOpen bool   // the size of the file at Open counts, not Size: the file may have changed since it was looked up
	steady     bool   // neither Open nor Read can wait for another program
}

// FromPath returns a file on disk. If the file is missing, unreadable or a
// directory, the upload fails. A pipe can be sent only once, so it is not tried
// again.
func FromPath(name string) File {
	f := File{Name: filepath.Base(name), path: name, Size: -1, sizeAtOpen: true}
	flag := os.O_RDONLY
	info, err := os.Stat(name)
	regular := err == nil && info.Mode().IsRegular()
	if regular {
		f.Size, f.steady = info.Size(), true
		flag |= syscall.O_NONBLOCK // Open must not block if the file has become a FIFO: nothing ends the wait for a steady file
	}
	f.Open = func() (io.ReadCloser, error) { return os.OpenFile(name, flag, 0) }
	if err == nil && !regular && !info.IsDir() {
		f.readOnce()
	}
	return f
}

// FromFS returns a file of a file system, such as an embed.FS.
func FromFS(fsys fs.FS, name string) File {
	f := File{Name: path.Base(name), path: name, Size: -1, sizeAtOpen: true}
	f.Open = func() (io.ReadCloser, error) { return fsys.Open(name) }
	if info, err := fs.Stat(fsys, name); err == nil && info.Mode().IsRegular() {
		f.Size = info.Size()
	}
	return f
}

// FromBytes returns a file in memory. The bytes must not change during the upload.
func FromBytes(name string, data []byte) File {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return File{Name: name, Size: int64(len(data)), Open: open, steady: true}
}

// FromReader returns a file with the content of r. It can be tried again if r is an
// io.ReadSeeker, or an io.ReaderAt with a Size or Len method. A Seeker is read from
// its offset at this call. Any other reader with 12 KiB or more gets one attempt,
// unless Spool is used.
//
// The upload does not close r. Do not use r until the upload has returned. If the
// upload returned because ctx has ended, a Read that was waiting may still consume
// data of r.
func FromReader(name string, r io.Reader) File {
	offset, size, seekable := extent(r)
	f := File{Name: name, Size: size}
	readerAt, random := r.(io.ReaderAt)
	switch {
	case r == nil:
	case random && size >= 0:
		switch r.(type) {
		case *bytes.Reader, *strings.Reader, *os.File:
			f.steady = true
		}
		f.Open = func() (io.ReadCloser, error) { return section{io.NewSectionReader(readerAt, offset, size), r}, nil }
	case seekable:
		f.Open = func() (io.ReadCloser, error) {
			_, err := r.(io.Seeker).Seek(offset, io.SeekStart)
			return io.NopCloser(r), err
		}
	default:
		f.Open = func() (io.ReadCloser, error) { return io.NopCloser(r), nil }
		f.readOnce()
	}
	return f
}

// extent returns the offset of r and how many bytes are left, -1 if that is not
// known. It moves a Seeker to its end and back. A pipe has a Seek method that fails.
func extent(r io.Reader) (offset, size int64, seekable bool) {
	if seeker, ok := r.(io.Seeker); ok {
		offset, notThere := seeker.Seek(0, io.SeekCurrent)
		end, noEnd := seeker.Seek(0, io.SeekEnd)
		_, notBack := seeker.Seek(offset, io.SeekStart)
		if errors.Join(notThere, noEnd, notBack) == nil {
			return offset, max(0, end-offset), true
		}
	}
	switch sized := r.(type) {
	case interface{ Size() int64 }:
		return 0, sized.Size(), false
	case interface{ Len() int }:
		return 0, int64(sized.Len()), false
	default:
		return 0, -1, false
	}
}

// section is a part of something, which it keeps from the garbage collector and
// does not close.
type section struct {
	*io.SectionReader
	of any
}

func (section) Close() error { return nil }

// Stat describes the file that the section is a part of, if it is one.
func (s section) Stat() (fs.FileInfo, error) {
	r, _ := s.of.(io.Reader)
	return form.Stat(r)
}

// readOnce makes every Open of f fail, except the first.
func (f *File) readOnce() {
	var used atomic.Bool
	open := f.Open
	f.once = true
	f.Open = func() (io.ReadCloser, error) {
		if used.Swap(true) {
			return nil, errors.New("the file can be read only once")
		}
		return open()
	}
}

// checkNames checks the fields of a file that headers are made from.
func checkNames(file File) error {
	switch {
	case file.Name == "" || file.Open == nil:
		return invalid("the file %q has no name or nothing to open", file.Name)
	case unusableInHeader(file.Name) || unusableInHeader(file.ContentType):
		return invalid("the file name %q or its content type %q contains a line break or another control character", file.Name, file.ContentType)
	case file.Size < -1:
		return invalid("the size of %q is negative", file.Name)
	default:
		return nil
	}
}
