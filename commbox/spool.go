package commbox

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"sync"

	"github.com/commbox-go/client/commbox/internal/form"
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
	s := &spool{source: file, memory: min(max(memory, 0), math.MaxInt64-1)}
	file.Open, file.spool, file.once, file.steady = s.open, s, false, false
	return file
}

// spool is a file that is read once and kept.
type spool struct {
	source File
	memory int64 // bytes

	mu   sync.Mutex
	kept *io.SectionReader // nil: not read yet
}

// open reads what is kept from its first byte.
func (s *spool) open() (io.ReadCloser, error) {
	kept, err := s.load()
	if err != nil {
		return nil, err
	}
	return section{io.NewSectionReader(kept, 0, kept.Size()), s}, nil
}

// load reads the source, unless that was done before.
func (s *spool) load() (*io.SectionReader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept != nil {
		return s.kept, nil
	}
	source, err := form.Opened(s.source.Name, s.source.Open)
	if err != nil {
		return nil, err
	}
	defer func() { _ = source.Close() }()
	head, err := io.ReadAll(io.LimitReader(source, s.memory+1)) // one more, to see whether that is the whole
	if err != nil {
		return nil, err
	}
	kept := io.NewSectionReader(bytes.NewReader(head), 0, int64(len(head)))
	if kept.Size() > s.memory {
		if kept, err = s.onDisk(io.MultiReader(kept, source)); err != nil {
			return nil, fmt.Errorf("keeping %s: %w", s.source.Name, err)
		}
	}
	if said := s.source.Size; said >= 0 && said != kept.Size() && !s.source.fresh {
		return nil, fmt.Errorf("%s has %d bytes, not %d", s.source.Name, kept.Size(), said)
	}
	s.kept = kept
	return kept, nil
}

// onDisk keeps a file in a temporary one, which has a name only on Windows, where
// no open file is deleted.
func (s *spool) onDisk(content io.Reader) (*io.SectionReader, error) {
	temporary, err := os.CreateTemp("", "commbox-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(temporary.Name())
	discard := func(f *os.File) {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	n, err := io.Copy(temporary, content)
	if err != nil {
		discard(temporary)
		return nil, err
	}
	runtime.AddCleanup(s, discard, temporary)
	return io.NewSectionReader(temporary, 0, n), nil
}
