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

// Spool stores a File that can be read only once, such as the request body of a web
// handler. The File that it returns can be tried again and has a known size. The
// first Open reads file to its end. Up to memory bytes are stored in memory; a
// longer file is stored in a temporary file in os.TempDir.
//
// The temporary file is deleted right after it was created (on Windows, when it is
// closed), so a process that ends leaves nothing behind. The returned File can be
// uploaded any number of times, also concurrently. Its storage is released by the
// garbage collector when the File is no longer used.
//
// If an upload ends with its context, reading the source goes on until a Read
// fails or the source ends. To limit the storage, limit the source, for instance
// with http.MaxBytesReader, whose *http.MaxBytesError is in the error of the upload.
func Spool(file File, memory int64) File {
	if file.Open == nil {
		return file
	}
	s := &spool{source: file, memory: min(max(memory, 0), math.MaxInt64-1)}
	file.Open, file.spool, file.once, file.steady = s.open, s, false, false
	return file
}

// spool is a file that is read once and stored.
type spool struct {
	source File
	memory int64 // bytes

	mu   sync.Mutex
	kept *io.SectionReader // the whole file; nil: not read yet
}

// open returns a reader that starts at the first byte.
func (s *spool) open() (io.ReadCloser, error) {
	kept, err := s.load()
	if err != nil {
		return nil, err
	}
	return section{io.NewSectionReader(kept, 0, kept.Size()), s}, nil
}

// load reads the source at the first call.
func (s *spool) load() (*io.SectionReader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept != nil {
		return s.kept, nil
	}
	source, err := form.OpenSource(s.source.Name, s.source.Open)
	if err != nil {
		return nil, err
	}
	defer func() { _ = source.Close() }()
	head, err := io.ReadAll(io.LimitReader(source, s.memory+1)) // one byte more, to see whether the file is longer
	if err != nil {
		return nil, err
	}
	kept := io.NewSectionReader(bytes.NewReader(head), 0, int64(len(head)))
	if kept.Size() > s.memory {
		if kept, err = s.onDisk(io.MultiReader(kept, source)); err != nil {
			return nil, fmt.Errorf("keeping %s: %w", s.source.Name, err)
		}
	}
	if said := s.source.Size; said >= 0 && said != kept.Size() && !s.source.sizeAtOpen {
		return nil, fmt.Errorf("%s has %d bytes, not %d", s.source.Name, kept.Size(), said)
	}
	s.kept = kept
	return kept, nil
}

// onDisk stores content in a temporary file. Only on Windows does the file keep its
// name: an open file cannot be deleted there.
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
