package commbox_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// zeros is an endless file.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

var errBroken = errors.New("the disk is broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

// generated is a file of a system that makes the content while it is read, like /proc.
type generated struct {
	*os.File
	content io.Reader
}

func (g generated) Read(p []byte) (int, error) { return g.content.Read(p) }

// TestContentLength: exact whenever the size is known, and chunked otherwise.
func TestContentLength(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("%PDF"), 1<<19)
	name := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	saysEmpty := func() (io.ReadCloser, error) {
		f, err := os.Open(empty)
		return generated{f, bytes.NewReader(data)}, err
	}
	halfway := bytes.NewReader(data)
	if _, err := halfway.Seek(1<<20, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		file  commbox.File
		size  int64
		known bool
	}{
		"path":              {commbox.FromPath(name), 2 << 20, true},
		"fs":                {commbox.FromFS(os.DirFS(filepath.Dir(name)), "a.pdf"), 2 << 20, true},
		"bytes":             {commbox.FromBytes("a.pdf", data), 2 << 20, true},
		"bytes.Reader":      {commbox.FromReader("a.pdf", bytes.NewReader(data)), 2 << 20, true},
		"an offset":         {commbox.FromReader("a.pdf", halfway), 1 << 20, true},
		"os.File":           {commbox.FromReader("a.pdf", opened), 2 << 20, true},
		"bytes.Buffer":      {commbox.FromReader("a.pdf", bytes.NewBuffer(data)), 2 << 20, true},
		"ReaderAt and Size": {commbox.FromReader("a.pdf", readerAtSize{bytes.NewReader(data)}), 2 << 20, true},
		"Seeker":            {commbox.FromReader("a.pdf", seekerOnly{bytes.NewReader(data)}), 2 << 20, true},
		"plain":             {commbox.FromReader("a.pdf", io.MultiReader(bytes.NewReader(data))), 2 << 20, false},
		"says 0 bytes":      {commbox.File{Name: "a.pdf", Size: -1, Open: saysEmpty}, 2 << 20, false},
		"plain but small":   {commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader("%PDF"))), 4, true},
	}
	for kind, test := range tests {
		t.Run(kind, func(t *testing.T) {
			s := commboxtest.New(t)
			media, err := s.Client().UploadMedia(t.Context(), "abc", test.file)
			if err != nil {
				t.Fatal(err)
			}
			if up := s.Uploads()[0]; up.Size != test.size || media.Size != test.size {
				t.Errorf("%d bytes arrived, %d returned; want %d", up.Size, media.Size, test.size)
			}
			if n := s.Requests()[0].ContentLength; (n > test.size) != test.known {
				t.Errorf("Content-Length %d", n)
			}
		})
	}
}

type readerAtSize struct{ r *bytes.Reader }

func (r readerAtSize) Read(p []byte) (int, error) { return r.r.Read(p) }

func (r readerAtSize) ReadAt(p []byte, off int64) (int, error) { return r.r.ReadAt(p, off) }

func (r readerAtSize) Size() int64 { return r.r.Size() }

type seekerOnly struct{ r *bytes.Reader }

func (r seekerOnly) Read(p []byte) (int, error) { return r.r.Read(p) }

func (r seekerOnly) Seek(off int64, whence int) (int64, error) { return r.r.Seek(off, whence) }

func opener(content string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
}

// TestFilesOfAnotherSize than they say, around the sizes of the buffers.
func TestFilesOfAnotherSize(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewServer()
	defer s.Close()
	c := s.Client()
	for _, size := range []int{1, 511, 512, 513, 12<<10 - 1, 12 << 10, 12<<10 + 1, 40 << 10} {
		content := strings.Repeat("x", size)
		for _, says := range []int{0, size - 1, size + 1} {
			for _, progress := range []func(int64, int64){nil, func(int64, int64) {}} {
				file := commbox.File{Name: "a.pdf", Size: int64(says), Open: opener(content), Progress: progress}
				if _, err := c.UploadMedia(t.Context(), "abc", file); !errors.Is(err, commbox.ErrInvalidInput) {
					t.Errorf("%d bytes that say they are %d: %v", size, says, err)
				}
			}
		}
		if _, err := c.UploadMedia(t.Context(), "abc", commbox.File{Name: "a.pdf", Size: int64(size), Open: opener(content)}); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// TestReadersOfAllKinds: those that io.Reader allows, and one that it does not.
func TestReadersOfAllKinds(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	content := strings.Repeat("%PDF-1.7", 3000)
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"one byte at a time":  iotest.OneByteReader,
		"data with EOF":       iotest.DataErrReader,
		"half of what it may": iotest.HalfReader,
	} {
		for _, size := range []int64{-1, int64(len(content))} {
			file := commbox.FromReader("a.pdf", wrap(strings.NewReader(content)))
			file.Size = size
			media, err := s.Client().UploadMedia(t.Context(), "abc", file)
			if err != nil || media.Size != int64(len(content)) {
				t.Errorf("%s, size %d: media %+v, error %v", name, size, media, err)
			}
		}
	}
	for _, size := range []int64{-1, 100, 5000, 100_000} {
		file := commbox.File{Name: "a.pdf", Size: size, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("%PDF"), idle{})), nil
		}}
		if _, err := s.Client().UploadMedia(t.Context(), "abc", file); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("a reader that yields nothing, size %d: %v", size, err)
		}
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestOpenReturnsNothing is a mistake of the caller's that must not crash.
func TestOpenReturnsNothing(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	file := commbox.File{Name: "a.pdf", Open: func() (io.ReadCloser, error) { return nil, nil }}
	if _, err := s.Client().UploadMedia(t.Context(), "abc", file); !errors.Is(err, commbox.ErrInvalidInput) {
		t.Errorf("error %v", err)
	}
}
