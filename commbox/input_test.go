package commbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestUnusableInput: nothing of it reaches the network.
func TestUnusableInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pdf")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	big := func(name string, size int64) commbox.File {
		return commbox.FromReader(name, io.NewSectionReader(zeros{}, 0, size))
	}
	named := func(name, contentType string) commbox.File {
		f := smallPDF()
		f.Name, f.ContentType = name, contentType
		return f
	}
	sized := func(size int64) commbox.File {
		f := smallPDF()
		f.Size = size
		return f
	}
	tests := map[string]struct {
		stream string
		file   commbox.File
		want   []string // in the message
		is     error
	}{
		"stream: empty":             {"", smallPDF(), []string{"stream ID is empty"}, nil},
		"stream: dot":               {".", smallPDF(), nil, nil},
		"stream: dot dot":           {"..", smallPDF(), nil, nil},
		"stream: dot dot, encoded":  {"%2e%2e", smallPDF(), nil, nil},
		"stream: dot dot, mixed":    {".%2E", smallPDF(), nil, nil},
		"stream: line feed":         {"a\nb", smallPDF(), nil, nil},
		"stream: encoded line feed": {"a%0Ab", smallPDF(), nil, nil},
		"stream: NUL":               {"a%00b", smallPDF(), nil, nil},
		"stream: DEL":               {"a\x7f", smallPDF(), nil, nil},
		"stream: bad escape":        {"100%", smallPDF(), nil, nil},
		"stream: bad digits":        {"abc%zz", smallPDF(), nil, nil},

		"file: missing":               {"abc", commbox.FromPath(filepath.Join(dir, "none.pdf")), []string{"none.pdf"}, os.ErrNotExist},
		"file: missing in an FS":      {"abc", commbox.FromFS(fstest.MapFS{}, "none.pdf"), nil, os.ErrNotExist},
		"file: empty":                 {"abc", commbox.FromPath(empty), []string{"empty.pdf is empty"}, nil},
		"file: no bytes":              {"abc", commbox.FromBytes("a.pdf", nil), nil, nil},
		"file: an empty reader":       {"abc", commbox.FromReader("a.pdf", strings.NewReader("")), nil, nil},
		"file: an empty plain reader": {"abc", commbox.FromReader("a.pdf", io.MultiReader()), nil, nil},
		"file: a directory":           {"abc", commbox.FromPath(dir), []string{"directory"}, nil},
		"file: a directory of an FS":  {"abc", commbox.FromFS(os.DirFS(dir), "."), []string{"directory"}, nil},
		"file: unreadable":            {"abc", commbox.FromReader("a.pdf", io.MultiReader(broken{})), nil, errBroken},
		"file: the zero File":         {"abc", commbox.File{}, nil, nil},
		"file: a nil reader":          {"abc", commbox.FromReader("a.pdf", nil), nil, nil},
		"file: a negative size":       {"abc", sized(-2), nil, nil},
		"file: too short":             {"abc", sized(100), []string{"17", "100"}, nil},

		"limit: image":      {"abc", big("a.jpg", 5<<20+1), []string{"5242881", "5242880", "image/jpeg"}, nil},
		"limit: png":        {"abc", big("a.PNG", 5<<20+1), []string{"image/png"}, nil},
		"limit: video":      {"abc", big("a.mp4", 16<<20+1), []string{"16777217", "16777216"}, nil},
		"limit: audio":      {"abc", big("a.ogg", 16<<20+1), nil, nil},
		"limit: document":   {"abc", big("a.pdf", 100<<20+1), []string{"104857601", "104857600"}, nil},
		"limit: sticker":    {"abc", big("a.webp", 100<<10+1), []string{"102401", "102400"}, nil},
		"name: empty":       {"abc", named("", ""), nil, nil},
		"name: CR":          {"abc", named("a\r.pdf", ""), nil, nil},
		"name: LF":          {"abc", named("a\n.pdf", ""), nil, nil},
		"name: NUL":         {"abc", named("a\x00.pdf", ""), nil, nil},
		"type: CR":          {"abc", named("a.pdf", "image/png\rX: y"), nil, nil},
		"type: LF":          {"abc", named("a.pdf", "image/png\nX: y"), nil, nil},
		"type: NUL":         {"abc", named("a.pdf", "image/\x00png"), nil, nil},
		"type: with limits": {"abc", func() commbox.File { f := big("a.bin", 6<<20); f.ContentType = "IMAGE/JPEG; q=1"; return f }(), nil, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			_, err := s.Client().UploadMedia(t.Context(), test.stream, test.file)
			var e *commbox.Error
			if !errors.As(err, &e) || !errors.Is(err, commbox.ErrInvalidInput) || e.Op != "upload media" || e.MaybeDelivered {
				t.Fatalf("error %#v", err)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not mention %q", err, want)
				}
			}
			if n := len(s.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestLimitsLetThrough(t *testing.T) {
	t.Parallel()
	zeros := func(name string, size int64) commbox.File {
		return commbox.FromReader(name, io.NewSectionReader(zeros{}, 0, size))
	}
	animated := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02"), make([]byte, 400<<10)...)
	tests := map[string]struct {
		file commbox.File
		opts []commbox.Option
	}{
		"at the limit":         {zeros("a.jpg", 5<<20), nil},
		"a type without limit": {zeros("a.zip", 6<<20), nil},
		"an animated sticker":  {commbox.FromBytes("a.webp", animated), nil},
		"WithoutMediaLimits":   {zeros("a.jpg", 6<<20), []commbox.Option{commbox.WithoutMediaLimits()}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			if _, err := s.Client(test.opts...).UploadMedia(t.Context(), "abc", test.file); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestUnknownSizeOverLimit: it turns out while sending, and nothing is stored.
func TestUnknownSizeOverLimit(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewServer()
	defer s.Close()
	r := io.MultiReader(io.NewSectionReader(zeros{}, 0, 5<<20+1))
	_, err := s.Client().UploadMedia(t.Context(), "abc", commbox.FromReader("a.jpg", r))
	if !errors.Is(err, commbox.ErrInvalidInput) || !strings.Contains(err.Error(), "5242880") || len(s.Uploads()) != 0 {
		t.Errorf("%d uploads, error %v", len(s.Uploads()), err)
	}
}

func TestUnusableKeys(t *testing.T) {
	t.Parallel()
	vault := errors.New("the vault is sealed")
	tests := map[string]struct {
		key commbox.KeySource
		is  error
	}{
		"empty":         {commbox.APIKey(""), nil},
		"a line feed":   {commbox.APIKey("secret\nkey"), nil},
		"a space":       {commbox.APIKey("Bearer secret"), nil},
		"NUL":           {commbox.APIKey("secret\x00"), nil},
		"not ASCII":     {commbox.APIKey("sécret"), nil},
		"not set":       {commbox.APIKeyEnv("COMMBOX_TEST_NOT_SET"), nil},
		"no file":       {commbox.APIKeyFile("/nonexistent/key"), os.ErrNotExist},
		"a failing one": {commbox.KeyFunc(func(context.Context) (string, error) { return "", vault }), vault},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			c, err := commbox.New(test.key, commbox.WithBaseURL(s.URL))
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.UploadMedia(t.Context(), "abc", smallPDF())
			var e *commbox.Error
			if !errors.As(err, &e) || !errors.Is(err, commbox.ErrInvalidInput) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("error %v", err)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "secret") {
				t.Errorf("the key is in %#v", err)
			}
			if n := len(s.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

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
		s := newServer(t)
		s.Fail(commboxtest.Status(503))
		name := filepath.Join(t.TempDir(), "a.pdf")
		write(t, name, 1000)
		c, f := fakeClient(s)
		c.WithClock(f.Now, func(ctx context.Context, d time.Duration) {
			write(t, name, 999)
			f.Sleep(ctx, d)
		}, func() float64 { return 0.5 })
		_, err := c.UploadMedia(t.Context(), "abc", commbox.FromPath(name))
		if !errors.Is(err, commbox.ErrNotReplayable) || !errors.Is(err, commbox.ErrServer) || len(s.Uploads()) != 0 {
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
		s := newServer(t)
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

// zeros is an endless file.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

var errBroken = errors.New("the disk is broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }
