package form

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// File is what a form is made of.
type File struct {
	Name     string
	Size     int64                         // bytes; -1: not known
	Open     func() (io.ReadCloser, error) // from the first byte, once per attempt
	Progress func(sent, total int64)       // nil: nobody is told
	Once     bool                          // Open works a single time
	Fresh    bool                          // what Open finds overrules Size

	// Inspect returns the content type and the largest size (0: any) of a file
	// with these first bytes, or why it cannot be sent.
	Inspect func(head []byte) (contentType string, limit int64, err error)
}

// ErrChanged is the error of a file that is not what it was before.
var ErrChanged = errors.New("the file has changed")

// Opened is the file of this name that open opens.
func Opened(name string, open func() (io.ReadCloser, error)) (Source, error) {
	opened, err := open()
	if err == nil && opened == nil {
		err = fmt.Errorf("opening %s has returned nothing", name)
	}
	return Source{opened}, err
}

// Source is an opened file. It fails where another yields nothing, over and over,
// or what cannot be.
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

// stat is what an opened file says of itself; nil: it is none on disk.
func (f *Form) stat(opened Source) (fs.FileInfo, error) {
	info, err := Stat(opened.ReadCloser)
	switch {
	case err != nil || info == nil || info.Mode().IsRegular():
		return info, err
	case info.IsDir():
		err = fmt.Errorf("%s is a directory", f.file.Name)
	case f.file.Fresh && f.file.Size >= 0: // reading it may wait for ever
		err = fmt.Errorf("%w: %s is no longer a regular file", ErrChanged, f.file.Name)
	}
	return nil, err
}

// unchanged compares an opened file with what it was when it was looked at.
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

// Stat asks an opened file about itself; nil: it cannot be asked.
func Stat(r io.Reader) (fs.FileInfo, error) {
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		return f.Stat()
	}
	return nil, nil
}
