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
// one, whose Name, ContentType and Progress may be changed; a File with another
// Open is filled in by hand.
type File struct {
	// Name is the file name that WhatsApp will show.
	Name string
	// ContentType is the media type; if it is empty, it follows from the
	// extension of Name, else from the first 512 bytes.
	ContentType string
	// Size in bytes; -1: not known, and taken from what Open returns if that has
	// a Stat. A file of another size is not uploaded: 0 is an empty one.
	Size int64
	// Open returns the file from its first byte. It is called once per attempt,
	// and what it returns is closed before it is called again. That a read of it
	// blocks does not keep the upload from ending with its context.
	Open func() (io.ReadCloser, error)
	// Progress, if it is set, is told how much of the file has been read to be
	// sent, of which the first 12 KiB are read before there is a connection; total
	// is -1 if it is not known. sent falls back to 0 when an attempt starts over.
	// It is called from other goroutines than the one that uploads, by one at a
	// time, and delays the upload while it runs.
	Progress func(sent, total int64)

	path   string // that FromPath or FromFS was given
	once   bool   // Open works a single time
	spool  *spool // what keeps it
	fresh  bool   // Size was looked up when the File was made: what Open finds is newer
	steady bool   // neither Open nor reading waits for another party
}

// FromPath is a file on disk. That it is missing, unreadable or a directory is
// reported by the upload. A pipe can be sent once, and is not tried again.
func FromPath(name string) File {
	f := File{Name: filepath.Base(name), path: name, Size: -1, fresh: true}
	flag := os.O_RDONLY
	info, err := os.Stat(name)
	regular := err == nil && info.Mode().IsRegular()
	if regular {
		f.Size, f.steady = info.Size(), true
		flag |= syscall.O_NONBLOCK // what has become a FIFO since must not block: a steady file is not awaited
	}
	f.Open = func() (io.ReadCloser, error) { return os.OpenFile(name, flag, 0) }
	if err == nil && !regular && !info.IsDir() {
		f.readOnce()
	}
	return f
}

// FromFS is a file of a file system, such as an embed.FS.
func FromFS(fsys fs.FS, name string) File {
	f := File{Name: path.Base(name), path: name, Size: -1, fresh: true}
	f.Open = func() (io.ReadCloser, error) { return fsys.Open(name) }
	if info, err := fs.Stat(fsys, name); err == nil && info.Mode().IsRegular() {
		f.Size = info.Size()
	}
	return f
}

// FromBytes is a file in memory. The bytes must not change during the upload.
func FromBytes(name string, data []byte) File {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return File{Name: name, Size: int64(len(data)), Open: open, steady: true}
}

// FromReader is what r yields. It can be tried again if r is an io.ReaderAt
// with a size or an io.ReadSeeker, then from the offset that r has now; any
// other reader gets one attempt, unless Spool keeps what it yields. r is not
// closed, and must not be used until the upload has returned; where that is
// because ctx has ended, a Read that was waiting may still take what comes.
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

// extent finds out where r stands and how much it has left, -1 if it does not
// say. It moves a Seeker to its end and back; a pipe, which pretends to be one,
// refuses.
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

// section is a part of something, which lives as long and is not closed.
type section struct {
	*io.SectionReader
	of any
}

func (section) Close() error { return nil }

// Stat tells about what the section is part of, if that is a file.
func (s section) Stat() (fs.FileInfo, error) {
	r, _ := s.of.(io.Reader)
	return form.Stat(r)
}

// readOnce makes f a file of which the second Open fails.
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

// checkNames looks at what will stand in headers.
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
