package commbox

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"runtime"
	"sync"
	"time"
)

// Spool makes a File that can be read only once, such as the body of a request
// that a web handler passes on, one that can be tried again and whose size is
// known. The first Open reads it to its end: up to memory bytes are kept in
// memory, a longer file goes to a temporary file in os.TempDir.
//
// The temporary file is deleted when it has been made (on Windows, when it is
// closed), so none is left behind by a process that ends. What was kept serves
// any number of uploads, also at the same time, and is released by the garbage
// collector after the last of them, when the File is no longer in use. An
// upload that ends with its context leaves the reading to its source: a Read
// that fails ends it. To bound what is kept, bound the source, as with
// http.MaxBytesReader.
func Spool(file File, memory int64) File {
	if file.Open == nil {
		return file
	}
	s := &spool{open: file.Open, name: file.Name, size: file.Size, memory: min(max(memory, 0), math.MaxInt64-1)}
	if file.fresh {
		s.size = -1 // what is read is newer
	}
	file.Open, file.once, file.steady = s.reader, false, false
	return file
}

// spool is a file that is read once and kept.
type spool struct {
	open   func() (io.ReadCloser, error)
	name   string
	size   int64 // bytes, once it is kept; before that as announced
	memory int64

	loading sync.Mutex
	kept    io.ReaderAt // nil: not read yet
}

// reader reads what is kept from its first byte.
func (s *spool) reader() (io.ReadCloser, error) {
	s.loading.Lock()
	defer s.loading.Unlock()
	if s.kept == nil {
		if err := s.load(); err != nil {
			return nil, err
		}
	}
	return &spooled{io.NewSectionReader(s.kept, 0, s.size), s}, nil
}

func (s *spool) load() error {
	source, err := s.open()
	if err == nil && source == nil {
		err = fmt.Errorf("opening %s has returned nothing", s.name)
	}
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	head, err := io.ReadAll(io.LimitReader(source, s.memory+1)) // one more, to see whether that is the whole
	switch {
	case err != nil:
		return err
	case int64(len(head)) <= s.memory:
		return s.keep(bytes.NewReader(head), int64(len(head)))
	}
	temporary, err := os.CreateTemp("", "commbox-*")
	if err != nil {
		return fmt.Errorf("keeping %s: %w", s.name, err)
	}
	isOpenOnly := os.Remove(temporary.Name()) == nil // not on Windows, which deletes no open file
	discard := func(f *os.File) {
		_ = f.Close()
		if !isOpenOnly {
			_ = os.Remove(f.Name())
		}
	}
	n, err := io.Copy(temporary, io.MultiReader(bytes.NewReader(head), source))
	if err != nil {
		discard(temporary)
		return fmt.Errorf("keeping %s: %w", s.name, err)
	}
	runtime.AddCleanup(s, discard, temporary)
	return s.keep(temporary, n)
}

func (s *spool) keep(kept io.ReaderAt, n int64) error {
	if s.size >= 0 && s.size != n {
		return fmt.Errorf("%s has %d bytes, not %d", s.name, n, s.size)
	}
	s.kept, s.size, s.open = kept, n, nil
	return nil
}

// spooled is one reader of a spool, which lives as long.
type spooled struct {
	*io.SectionReader
	spool *spool
}

func (*spooled) Close() error { return nil }

func (r *spooled) Stat() (fs.FileInfo, error) { return spooledInfo{r.spool}, nil }

// spooledInfo says of what is kept that it is a whole file, and of what size.
type spooledInfo struct{ *spool }

func (i spooledInfo) Name() string     { return i.name }
func (i spooledInfo) Size() int64      { return i.size }
func (spooledInfo) Mode() fs.FileMode  { return 0 }
func (spooledInfo) ModTime() time.Time { return time.Time{} }
func (spooledInfo) IsDir() bool        { return false }
func (spooledInfo) Sys() any           { return nil }
