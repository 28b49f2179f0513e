package faulttest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/internal/leaktest"
)

// content is what a file of the matrix has in it: a random block over and
// over, whose length is a prime, so that nothing can be lost, doubled or moved
// without another hash.
type content struct {
	block []byte
	size  int64
	sum   string // SHA-256, in hexadecimal
	path  string // of a file with it
	bytes []byte
}

func newContent(t *testing.T, size int64) *content {
	t.Helper()
	c := &content{block: make([]byte, 65537), size: size, path: filepath.Join(t.TempDir(), "content")}
	random := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = random.Read(c.block)
	c.bytes = make([]byte, size)
	if _, err := io.ReadFull(c.reader(), c.bytes); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(c.bytes)
	c.sum = hex.EncodeToString(sum[:])
	if err := os.WriteFile(c.path, c.bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *content) reader() *contentReader { return &contentReader{content: c} }

// contentReader reads a content. Its offset is guarded by nothing: the race
// detector finds who reads from two goroutines, or after an upload.
type contentReader struct {
	content *content
	offset  int64
}

func (r *contentReader) Read(p []byte) (int, error) {
	left := r.content.size - r.offset
	if left == 0 {
		return 0, io.EOF
	}
	block := r.content.block[r.offset%int64(len(r.content.block)):]
	n := copy(p, block[:min(int64(len(block)), left)])
	r.offset += int64(n)
	return n, nil
}

func (r *contentReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.offset
	case io.SeekEnd:
		offset += r.content.size
	}
	if offset < 0 || offset > r.content.size {
		return 0, errors.New("seek beyond the content")
	}
	r.offset = offset
	return offset, nil
}

// contentFS is a file system in which every name is a file with the content.
// It holds its users to what is promised about File.Open.
type contentFS struct {
	content *content
	open    atomic.Int64
	broken  atomic.Pointer[string]
}

func (f *contentFS) Open(string) (fs.File, error) {
	if f.open.Add(1) > 1 {
		f.breach("opened before it was closed")
	}
	return &contentFile{contentReader: f.content.reader(), fs: f}, nil
}

// Stat keeps commbox.FromFS from opening the file to look at it.
func (f *contentFS) Stat(name string) (fs.FileInfo, error) {
	return contentInfo{name, f.content.size}, nil
}

func (f *contentFS) breach(what string) { f.broken.Store(&what) }

type contentFile struct {
	*contentReader
	fs     *contentFS
	closed bool
}

func (f *contentFile) Stat() (fs.FileInfo, error) { return contentInfo{"", f.content.size}, nil }

func (f *contentFile) Read(p []byte) (int, error) {
	if f.closed {
		f.fs.breach("read after it was closed")
	}
	return f.contentReader.Read(p)
}

func (f *contentFile) Close() error {
	if f.closed {
		f.fs.breach("closed twice")
	}
	f.closed = true
	f.fs.open.Add(-1)
	return nil
}

type contentInfo struct {
	name string
	size int64
}

func (i contentInfo) Name() string     { return i.name }
func (i contentInfo) Size() int64      { return i.size }
func (contentInfo) Mode() fs.FileMode  { return 0o400 }
func (contentInfo) ModTime() time.Time { return time.Unix(1_700_000_000, 0) }
func (contentInfo) IsDir() bool        { return false }
func (contentInfo) Sys() any           { return nil }

// matrixSource is a way to give a file to a client.
type matrixSource struct {
	name string
	once bool // it can be read a single time
	// file returns the file, and a check that it was let go of, for after the upload.
	file func(c *content, dir, name string) (f commbox.File, released func() error)
}

var matrixSources = []matrixSource{
	{"path", false, func(c *content, dir, name string) (commbox.File, func() error) {
		path := filepath.Join(dir, name)
		if err := os.Link(c.path, path); err != nil {
			return commbox.File{}, func() error { return err }
		}
		return commbox.FromPath(path), func() error {
			open := func() []string {
				return slices.DeleteFunc(leaktest.NewlyOpen(nil), func(name string) bool { return name != path })
			}
			if len(leaktest.Eventually(open)) > 0 {
				return fmt.Errorf("%s is still open", path)
			}
			return os.Remove(path)
		}
	}},
	{"fs", false, func(c *content, _, name string) (commbox.File, func() error) {
		fsys := &contentFS{content: c}
		return commbox.FromFS(fsys, name), func() error {
			if breach := fsys.broken.Load(); breach != nil {
				return errors.New("the file was " + *breach)
			}
			if n := fsys.open.Load(); n != 0 {
				return fmt.Errorf("%d files are still open", n)
			}
			return nil
		}
	}},
	{"bytes", false, func(c *content, _, name string) (commbox.File, func() error) {
		return commbox.FromBytes(name, c.bytes), func() error { return nil }
	}},
	{"seekable", false, func(c *content, _, name string) (commbox.File, func() error) {
		r := c.reader()
		return commbox.FromReader(name, struct{ io.ReadSeeker }{r}), func() error {
			_, err := r.Seek(0, io.SeekStart)
			return err
		}
	}},
	{"plain", true, func(c *content, _, name string) (commbox.File, func() error) {
		r := c.reader()
		return commbox.FromReader(name, struct{ io.Reader }{r}), func() error {
			_, err := r.Seek(0, io.SeekStart)
			return err
		}
	}},
}
