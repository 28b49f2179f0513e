//go:build unix

package faulttest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/commbox/internal/leaktest"
)

// TestContextOverFIFO: opening a FIFO that nobody writes to blocks, and the
// caller's context ends it: for a file, for one that turned into a FIFO, and for
// the file of the key.
func TestContextOverFIFO(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]func(fifo string) (commbox.KeySource, commbox.File){
		"file": func(fifo string) (commbox.KeySource, commbox.File) {
			return commbox.APIKey("key"), commbox.FromPath(fifo)
		},
		"file of the key": func(fifo string) (commbox.KeySource, commbox.File) {
			return commbox.APIKeyFile(fifo), smallPDF()
		},
		"file that became one": func(fifo string) (commbox.KeySource, commbox.File) {
			regular := fifo + ".regular"
			_ = os.WriteFile(regular, []byte("%PDF"), 0o600)
			_ = os.Rename(fifo, fifo+".fifo")
			_ = os.Rename(regular, fifo)
			file := commbox.FromPath(fifo)
			_ = os.Rename(fifo+".fifo", fifo)
			return commbox.APIKey("key"), file
		},
		"file that became one whose writer is silent": func(fifo string) (commbox.KeySource, commbox.File) {
			_ = os.Rename(fifo, fifo+".fifo")
			_ = os.WriteFile(fifo, []byte("%PDF"), 0o600)
			file := commbox.FromPath(fifo)
			_ = os.Rename(fifo+".fifo", fifo)
			writer, _ := os.OpenFile(fifo, os.O_RDWR|syscall.O_NONBLOCK, 0)
			t.Cleanup(func() { _ = writer.Close() })
			return commbox.APIKey("key"), file
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fifo := filepath.Join(t.TempDir(), "offer.pdf")
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Skip(err)
			}
			s := commboxtest.New(t)
			key, file := use(fifo)
			client, err := commbox.New(key, commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.HTTPClient()))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			leaktest.Labelled(t.Name(), func() { _, err = client.UploadMedia(ctx, "abc", file) })
			var e *commbox.Error
			if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, commbox.ErrInvalidInput) || len(s.Uploads()) > 0 {
				t.Errorf("error %v", err)
			}
			// What is left behind ends when somebody writes.
			w, err := os.OpenFile(fifo, os.O_RDWR|syscall.O_NONBLOCK, 0)
			if err != nil {
				t.Fatal(err)
			}
			_ = w.Close()
			if left := leaktest.Eventually(func() string { return leaktest.Goroutines(t.Name(), "") }); left != "" {
				t.Errorf("goroutines left:\n%s", left)
			}
		})
	}
}
