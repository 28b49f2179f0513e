package commbox_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestCutSource: a source that breaks off is no complete file, whether it fits
// the first look at it, a Spool, or neither.
func TestCutSource(t *testing.T) {
	t.Parallel()
	cut := func(n int) io.Reader {
		return io.MultiReader(strings.NewReader("%PDF"+strings.Repeat("x", n)), iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	for name, file := range map[string]commbox.File{
		"small":            commbox.FromReader("a.pdf", cut(5000)),
		"large":            commbox.FromReader("a.pdf", cut(50_000)),
		"spooled":          commbox.Spool(commbox.FromReader("a.pdf", cut(50_000)), 1<<20),
		"spooled, to disk": commbox.Spool(commbox.FromReader("a.pdf", cut(50_000)), 1000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			if media, err := s.Client().UploadMedia(t.Context(), "abc", file); err == nil || !errors.Is(err, io.ErrUnexpectedEOF) || len(s.Uploads()) > 0 {
				t.Errorf("media %+v, error %v, %d uploads", media, err, len(s.Uploads()))
			}
		})
	}
}

// TestSizeThatLies: a file on disk of another size than its File says is not
// uploaded in part.
func TestSizeThatLies(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(name, bytes.Repeat([]byte("x"), 30_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{100, 20_000, 40_000} {
		s := commboxtest.New(t)
		file := commbox.File{Name: "a.txt", Size: size, Open: func() (io.ReadCloser, error) { return os.Open(name) }}
		if media, err := s.Client().UploadMedia(t.Context(), "abc", file); !errors.Is(err, commbox.ErrInvalidInput) || len(s.Uploads()) > 0 {
			t.Errorf("size %d: media %+v, error %v", size, media, err)
		}
	}
}

// TestAnswerThatBreaksOff: the context ends the wait for the rest of an answer
// whose first bytes came instead of 100 Continue.
func TestAnswerThatBreaksOff(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, "HTTP/1.1 4")
		<-t.Context().Done()
		_ = conn.Close()
	}()
	c, err := commbox.New(commbox.APIKey("key"), commbox.WithBaseURL("http://"+l.Addr().String()), commbox.WithRetry(commbox.NoRetry()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := c.UploadMedia(ctx, "abc", commbox.FromBytes("a.pdf", make([]byte, 2<<20)))
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the upload goes on after its context has ended")
	}
}
