package commbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// oneShot is a PDF that can be read once.
func oneShot(size int) io.Reader {
	return io.MultiReader(strings.NewReader("%PDF-1.7\n"), strings.NewReader(strings.Repeat("x", size-9)))
}

// TestSpoolReplays sends the same bytes again after a failure, from memory and
// from a temporary file, of which nothing is left.
func TestSpoolReplays(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	for name, memory := range map[string]int64{"in memory": 4 << 20, "at the edge": 3 << 20, "one more": 3<<20 - 1, "in a file": 0, "negative": -1} {
		t.Run(name, func(t *testing.T) {
			before := descriptors(t)
			s := commboxtest.New(t)
			s.Fail(commboxtest.Status(503), commboxtest.Reset(1<<20))
			media, err := s.Client().UploadMedia(t.Context(), "abc", commbox.Spool(commbox.FromReader("a.pdf", oneShot(3<<20)), memory))
			if err != nil || media.Attempts != 3 || media.Size != 3<<20 {
				t.Fatalf("%+v, error %v", media, err)
			}
			want, err := s.Client().UploadMedia(t.Context(), "abc", commbox.FromReader("a.pdf", oneShot(3<<20)))
			if up := s.Uploads(); err != nil || want == nil || up[0].SHA256 != up[1].SHA256 || up[0].Size != 3<<20 {
				t.Errorf("uploads %+v, error %v", up, err)
			}
			if left, err := os.ReadDir(dir); err != nil || runtime.GOOS != "windows" && len(left) != 0 {
				t.Errorf("left in the temporary folder: %v, %v", left, err)
			}
			s.Close()
			for now := descriptors(t); now > before; now = descriptors(t) {
				if t.Context().Err() != nil {
					t.Fatalf("%d descriptors, %d before", now, before)
				}
				runtime.GC()
				runtime.Gosched()
			}
		})
	}
}

// descriptors is how many the process has to temporary files.
func descriptors(t *testing.T) (n int) {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0 // not Linux
	}
	for _, fd := range open {
		if target, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.Contains(target, "commbox-") && strings.HasSuffix(target, "(deleted)") {
			n++
		}
	}
	return n
}

func TestSpoolMemory(t *testing.T) { // not parallel: it counts what is allocated
	tests := map[string]struct{ size, memory, most int64 }{
		"a small file takes little":    {10 << 10, 64 << 20, 64 << 10},
		"a large one goes to the disk": {64 << 20, 64 << 10, 1 << 20},
	}
	for name, test := range tests {
		source := io.MultiReader(io.NewSectionReader(zeros{}, 0, test.size))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := commbox.Spool(commbox.FromReader("a.pdf", source), test.memory).Open()
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		if got := int64(after.TotalAlloc - before.TotalAlloc); got > test.most {
			t.Errorf("%s: %d bytes", name, got)
		}
	}
}

// TestSpoolServesMany: several uploads read one spool at the same time.
func TestSpoolServesMany(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	c := s.Client()
	file := commbox.Spool(commbox.FromReader("a.pdf", oneShot(1<<20)), 1<<10)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if media, err := c.UploadMedia(t.Context(), "abc", file); err != nil || media.Size != 1<<20 {
				t.Errorf("%+v, error %v", media, err)
			}
		})
	}
	all.Wait()
	for _, up := range s.Uploads() {
		if up.SHA256 != s.Uploads()[0].SHA256 {
			t.Errorf("uploaded %s and %s", up.SHA256, s.Uploads()[0].SHA256)
		}
	}
}

func TestSpoolFails(t *testing.T) {
	t.Parallel()
	errSource := errors.New("the sender has gone")
	never, w := io.Pipe()
	defer func() { _ = w.Close() }()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	wrong := commbox.FromReader("a.pdf", oneShot(1<<20))
	wrong.Size = 1<<20 + 1
	tests := map[string]struct {
		ctx  context.Context
		file commbox.File
		is   error
	}{
		"the source, early":      {t.Context(), commbox.FromReader("a.pdf", iotest.ErrReader(errSource)), errSource},
		"a source of nothing":    {t.Context(), commbox.FromReader("a.pdf", io.MultiReader(oneShot(1<<20), nothing{})), io.ErrNoProgress},
		"the source, late":       {t.Context(), commbox.FromReader("a.pdf", io.MultiReader(oneShot(1<<20), iotest.ErrReader(errSource))), errSource},
		"a source that waits":    {cancelled, commbox.FromReader("a.pdf", never), context.Canceled},
		"another size":           {t.Context(), wrong, commbox.ErrInvalidInput},
		"too large for its type": {t.Context(), commbox.FromReader("a.jpg", io.MultiReader(io.NewSectionReader(zeros{}, 0, 5<<20+1))), commbox.ErrInvalidInput},
		"no content":             {t.Context(), commbox.FromReader("a.pdf", bytes.NewReader(nil)), commbox.ErrInvalidInput},
		"nothing to open":        {t.Context(), commbox.File{Name: "a.pdf"}, commbox.ErrInvalidInput},
		"opened as nothing":      {t.Context(), commbox.File{Name: "a.pdf", Open: func() (io.ReadCloser, error) { return nil, nil }}, commbox.ErrInvalidInput},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			_, err := s.Client().UploadMedia(test.ctx, "abc", commbox.Spool(test.file, 1<<10))
			if !errors.Is(err, test.is) || len(s.Requests()) != 0 {
				t.Errorf("error %v, %d requests", err, len(s.Requests()))
			}
		})
	}
}

// TestSpoolNoRoom: a full disk says nothing about the file.
func TestSpoolNoRoom(t *testing.T) {
	t.Parallel()
	full := commbox.File{Name: "a.pdf", Size: -1, Open: func() (io.ReadCloser, error) {
		return nil, &os.PathError{Op: "write", Path: "commbox-1", Err: syscall.ENOSPC}
	}}
	_, err := commboxtest.New(t).Client().UploadMedia(t.Context(), "abc", commbox.Spool(full, 0))
	if _, again := commbox.RetryLater(err); !again || errors.Is(err, commbox.ErrInvalidInput) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("another time: %v, error %v", again, err)
	}
}

// nothing is a reader that never has anything, and never ends.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }
