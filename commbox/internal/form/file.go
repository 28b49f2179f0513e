package form

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// File is what a form is made of.
type File struct {
	Name     string
	Size     int64                         // bytes; -1: not known
	Open     func() (io.ReadCloser, error) // from the first byte, once per attempt
	Progress func(sent, total int64)       // nil: nobody is told
	Once     bool                          // Open works a single time
	Fresh    bool                          // what Open finds overrules Size
	Steady   bool                          // neither Open nor reading waits for another party

	// Inspect returns the content type and the largest size (0: any) of a file
	// with these first bytes, or why it cannot be sent.
	Inspect func(head []byte, size int64) (contentType string, limit int64, err error)
}

// ErrChanged is the error of a file that is not what it was before.
var ErrChanged = errors.New("the file has changed")

func (f File) open() (io.ReadCloser, error) {
	opened, err := f.Open()
	switch {
	case err != nil:
		return nil, err
	case opened == nil:
		return nil, fmt.Errorf("opening %s has returned nothing", f.Name)
	case f.Steady:
		return opened, nil
	default:
		return &progressing{ReadCloser: opened}, nil
	}
}

// progressing is a reader that fails where another yields nothing, over and
// over.
type progressing struct {
	io.ReadCloser
	empty int
}

func (p *progressing) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	switch {
	case n > 0 || err != nil || len(b) == 0:
		p.empty = 0
	case p.empty == 100:
		return 0, io.ErrNoProgress
	default:
		p.empty++
	}
	return n, err
}

// Stat asks the reader inside.
func (p *progressing) Stat() (fs.FileInfo, error) { return Stat(p.ReadCloser) }

// stamp tells one state of a file from another. The zero stamp is that of
// something that has none.
type stamp struct {
	size    int64
	modTime time.Time
}

// stampOf returns the stamp of an opened file, and corrects its size.
func (f File) stampOf(opened io.Reader, size *int64) (stamp, error) {
	info, err := Stat(opened)
	switch {
	case err != nil:
		return stamp{}, err
	case info == nil:
		return stamp{}, nil
	case info.IsDir():
		return stamp{}, fmt.Errorf("%s is a directory", f.Name)
	case !info.Mode().IsRegular():
		return stamp{}, nil
	}
	if f.Fresh || f.Size < 0 {
		*size = info.Size()
	}
	return stamp{info.Size(), info.ModTime()}, nil
}

// unchanged compares an opened file with what it was when it was looked at.
func (f *Form) unchanged(opened io.Reader) error {
	if f.stamp == (stamp{}) {
		return nil
	}
	info, err := Stat(opened)
	if err != nil || info == nil {
		return err
	}
	if !info.ModTime().Equal(f.stamp.modTime) || info.Size() != f.stamp.size {
		return fmt.Errorf("%w: %s is not what it was when it was opened first", ErrChanged, f.file.Name)
	}
	return nil
}

// Stat asks an opened file about itself; nil: it cannot be asked.
func Stat(r io.Reader) (fs.FileInfo, error) {
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		return f.Stat()
	}
	return nil, nil
}
