package commbox_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

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
			s := commboxtest.New(t)
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

// TestPanicsAreTheCallers: they can be recovered where the call was made.
func TestPanicsAreTheCallers(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	c := s.Client()
	for name, call := range map[string]func(){
		"Open": func() {
			_, _ = c.UploadMedia(t.Context(), "abc", commbox.File{Name: "a", Open: func() (io.ReadCloser, error) { panic("mine") }})
		},
		"the sequence": func() {
			for range c.UploadAll(t.Context(), "abc", func(func(commbox.File) bool) { panic("mine") }, 4) {
				t.Error("a result")
			}
		},
	} {
		func() {
			defer func() {
				if p := recover(); p != "mine" {
					t.Errorf("%s: recovered %v", name, p)
				}
			}()
			call()
		}()
	}
}
