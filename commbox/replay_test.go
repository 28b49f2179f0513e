package commbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/google/go-cmp/cmp"
)

// largePDF is longer than what is read of a file before it is sent.
var largePDF = "%PDF" + strings.Repeat("x", 16<<10)

func TestNotReplayable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file  func() commbox.File
		fault commboxtest.Fault
		want  error // besides ErrNotReplayable; nil: the upload succeeds
	}{
		"plain reader, 503": {
			func() commbox.File { return commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader(largePDF))) },
			commboxtest.Status(503), commbox.ErrNotReplayable,
		},
		"plain reader, reset": {
			func() commbox.File { return commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader(largePDF))) },
			commboxtest.Reset(1), commbox.ErrNotReplayable,
		},
		"plain reader, nothing sent": {
			func() commbox.File { return commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader(largePDF))) },
			commboxtest.Refuse(), nil,
		},
		"buffer, 503": {
			func() commbox.File { return commbox.FromReader("a.pdf", bytes.NewBufferString(largePDF)) },
			commboxtest.Status(503), commbox.ErrNotReplayable,
		},
		"buffer, nothing sent": {
			func() commbox.File { return commbox.FromReader("a.pdf", bytes.NewBufferString(largePDF)) },
			commboxtest.Refuse(), nil,
		},
		"small plain reader, 503": { // it is in memory
			func() commbox.File { return commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader("%PDF"))) },
			commboxtest.Status(503), nil,
		},
		"an Open that fails the second time": {
			func() commbox.File {
				calls := 0
				return commbox.File{Name: "a.pdf", Size: -1, Open: func() (io.ReadCloser, error) {
					if calls++; calls > 1 {
						return nil, syscall.EIO
					}
					return io.NopCloser(strings.NewReader("%PDF")), nil
				}}
			},
			commboxtest.Status(503), syscall.EIO,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			s.Fail(test.fault)
			c, clock := fakeClient(s)
			media, err := c.UploadMedia(t.Context(), "abc", test.file())
			if test.want == nil {
				if err != nil || media.Attempts != 2 || media.Size != 4 && media.Size != int64(len(largePDF)) {
					t.Fatalf("media %+v, error %v", media, err)
				}
				return
			}
			if !errors.Is(err, commbox.ErrNotReplayable) || !errors.Is(err, test.want) {
				t.Fatalf("error %v", err)
			}
			if name != "an Open that fails the second time" && len(clock.Waited()) != 0 {
				t.Errorf("slept %v before finding out", clock.Waited())
			}
		})
	}
}

// TestOpenOncePerAttempt counts opened and closed files.
func TestOpenOncePerAttempt(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(503), commboxtest.Reset(3), commboxtest.Status(500))
	c, _ := fakeClient(s)
	opened, open := 0, 0
	var sent []int64
	file := commbox.File{Name: "a.pdf", Size: 4, Open: func() (io.ReadCloser, error) {
		opened++
		open++
		if open != 1 {
			t.Errorf("%d files open at once", open)
		}
		return &closeCounter{Reader: strings.NewReader("%PDF"), open: &open}, nil
	}, Progress: func(n, total int64) {
		if total != 4 {
			t.Errorf("progress of %d bytes", total)
		}
		sent = append(sent, n)
	}}
	media, err := c.UploadMedia(t.Context(), "abc", file)
	if err != nil || media.Attempts != 4 || opened != 4 || open != 0 {
		t.Fatalf("media %+v, error %v, opened %d, still open %d", media, err, opened, open)
	}
	if diff := cmp.Diff([]int64{4, 0, 4, 0, 4, 0, 4}, sent); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

type closeCounter struct {
	io.Reader
	open *int
}

func (c *closeCounter) Close() error { *c.open--; return nil }

func TestSourceThatChanges(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, name string, size int) {
		t.Helper()
		if err := os.WriteFile(name, bytes.Repeat([]byte("x"), size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("between attempts", func(t *testing.T) {
		t.Parallel()
		s := commboxtest.New(t)
		s.Fail(commboxtest.Status(503))
		name := filepath.Join(t.TempDir(), "a.pdf")
		write(t, name, 1000)
		c, f := fakeClient(s)
		c.WithClock(f.Now, func(ctx context.Context, d time.Duration) {
			write(t, name, 999)
			f.Sleep(ctx, d)
		}, func() float64 { return 0.5 })
		_, err := c.UploadMedia(t.Context(), "abc", commbox.FromPath(name))
		if !errors.Is(err, commbox.ErrNotReplayable) || errors.Is(err, commbox.ErrServer) || len(s.Uploads()) != 0 {
			t.Errorf("%d uploads, error %v", len(s.Uploads()), err)
		}
	})
	t.Run("while it is read", func(t *testing.T) {
		t.Parallel()
		s := commboxtest.NewServer()
		defer s.Close()
		name := filepath.Join(t.TempDir(), "a.pdf")
		write(t, name, 3<<20)
		file := commbox.FromPath(name)
		changed := false
		file.Progress = func(sent, _ int64) {
			if sent > 1<<20 && !changed {
				changed = true
				write(t, name, 3<<20+1)
			}
		}
		_, err := s.Client().UploadMedia(t.Context(), "abc", file)
		if err == nil || len(s.Uploads()) != 0 {
			t.Errorf("%d uploads, error %v", len(s.Uploads()), err)
		}
	})
	t.Run("before the upload", func(t *testing.T) {
		t.Parallel()
		s := commboxtest.New(t)
		name := filepath.Join(t.TempDir(), "a.pdf")
		write(t, name, 1000)
		file := commbox.FromPath(name)
		write(t, name, 2000)
		media, err := s.Client().UploadMedia(t.Context(), "abc", file)
		if err != nil || media.Size != 2000 {
			t.Errorf("media %+v, error %v", media, err)
		}
	})
	for kind, size := range map[string]int64{"shorter than its size": 3<<20 + 1, "longer than its size": 3<<20 - 1} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.NewServer()
			defer s.Close()
			file := commbox.FromBytes("a.pdf", make([]byte, 3<<20))
			file.Size = size
			_, err := s.Client().UploadMedia(t.Context(), "abc", file)
			var e *commbox.Error
			if !errors.As(err, &e) || !errors.Is(err, commbox.ErrInvalidInput) || e.Attempts != 1 || len(s.Uploads()) != 0 {
				t.Errorf("%d uploads, error %v", len(s.Uploads()), err)
			}
		})
	}
}

// TestSpentReader is no matter of time.
func TestSpentReader(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	file := commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader(largePDF)))
	if _, err := s.Client().UploadMedia(t.Context(), "abc", file); err != nil {
		t.Fatal(err)
	}
	_, err := s.Client().UploadMedia(t.Context(), "abc", file)
	if _, again := commbox.RetryLater(err); again || !errors.Is(err, commbox.ErrInvalidInput) {
		t.Errorf("error %v, again %v", err, again)
	}
}
