package form

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// File is the file in a form.
type File struct {
	Name       string
	Size       int64                         // bytes; -1: not known
	Open       func() (io.ReadCloser, error) // returns a reader at the first byte; called once per attempt
	Progress   func(sent, total int64)       // nil: no reports
	Once       bool                          // Open works a single time
	SizeAtOpen bool                          // the size that Open finds replaces Size

	// Inspect returns the content type and the size limit (0: none) of a file with
	// these first bytes, or why it cannot be sent.
	Inspect func(head []byte) (contentType string, limit int64, err error)
}

// ErrChanged reports that the file is not the same as before.
var ErrChanged = errors.New("the file has changed")

// OpenSource calls open for the file with this name.
func OpenSource(name string, open func() (io.ReadCloser, error)) (Source, error) {
	opened, err := open()
	if err == nil && opened == nil {
		err = fmt.Errorf("opening %s has returned nothing", name)
	}
	return Source{opened}, err
}

// Source is an opened file. Its Read fails if the file again and again returns no
// bytes, or an impossible number of them.
type Source struct{ io.ReadCloser }

func (s Source) Read(p []byte) (n int, err error) {
	for range 100 {
		switch n, err = s.ReadCloser.Read(p); {
		case n < 0 || n > len(p):
			return 0, fmt.Errorf("a read of %d bytes has returned %d", len(p), n)
		case n > 0 || err != nil || len(p) == 0:
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// stat returns the FileInfo of an opened file, or nil if it is not a regular file on
// disk.
func (f *Form) stat(opened Source) (fs.FileInfo, error) {
	info, err := Stat(opened.ReadCloser)
	switch {
	case err != nil || info == nil || info.Mode().IsRegular():
		return info, err
	case info.IsDir():
		err = fmt.Errorf("%s is a directory", f.file.Name)
	case f.file.SizeAtOpen && f.file.Size >= 0: // reading it may wait for ever
		err = fmt.Errorf("%w: %s is no longer a regular file", ErrChanged, f.file.Name)
	}
	return nil, err
}

// unchanged returns an error if a file has changed since Open.
func (f *Form) unchanged(opened Source) error {
	if f.info == nil {
		return nil
	}
	info, err := f.stat(opened)
	if err == nil && (info == nil || !info.ModTime().Equal(f.info.ModTime()) || info.Size() != f.info.Size()) {
		err = fmt.Errorf("%w: %s is not what it was when it was opened first", ErrChanged, f.file.Name)
	}
	return err
}

// Stat calls the Stat method of r. It returns nil if there is none.
func Stat(r io.Reader) (fs.FileInfo, error) {
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		return f.Stat()
	}
	return nil, nil
}
