package commbox_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestStreamID(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ id, channel string }{
		"raw":                  {"abc==", "abc=="},
		"encoded":              {"abc%3d%3d", "abc=="},
		"encoded, upper case":  {"abc%3D%3D", "abc=="},
		"encoded twice":        {"abc%253d", "abc%3d"},
		"slash":                {"a/b", "a/b"},
		"encoded slash":        {"a%2Fb", "a/b"},
		"plus":                 {"a+b", "a+b"},
		"encoded plus":         {"a%2Bb", "a+b"},
		"percent":              {"a%25b", "a%b"},
		"question mark":        {"a?b", "a?b"},
		"hash":                 {"a#b", "a#b"},
		"semicolon, ampersand": {"a;b&c", "a;b&c"},
		"space":                {"a b", "a b"},
		"dots inside":          {"../x", "../x"},
		"three dots":           {"...", "..."},
		"not ASCII":            {"ערוץ", "ערוץ"},
		"CommBox's own":        {"hNyRN_fLUy7rrOrN9jLpipA%3d%3d", "hNyRN_fLUy7rrOrN9jLpipA=="},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			if _, err := s.Client().UploadMedia(t.Context(), test.id, smallPDF()); err != nil {
				t.Fatal(err)
			}
			if got := s.Uploads()[0].StreamID; got != test.channel {
				t.Errorf("stream ID %q addressed %q, want %q", test.id, got, test.channel)
			}
		})
	}
}

func TestNamesAndTypes(t *testing.T) {
	t.Parallel()
	jpeg := "\xff\xd8\xff\xe0\x00\x10JFIF"
	tests := map[string]struct{ name, given, content, want string }{
		"Hebrew and quotes":    {`דוח "סופי".pdf`, "", "%PDF-1.7", "application/pdf"},
		"backslash":            {`a\b"c.pdf`, "", "x", "application/pdf"},
		"percent":              {`50%22 off.pdf`, "", "x", "application/pdf"},
		"JPEG":                 {"photo.jpg", "", "x", "image/jpeg"},
		"JPEG in upper case":   {"PHOTO.JPEG", "", "x", "image/jpeg"},
		"PNG":                  {"a.png", "", "x", "image/png"},
		"MP4":                  {"a.mp4", "", "x", "video/mp4"},
		"3GP":                  {"a.3gp", "", "x", "video/3gpp"},
		"MP3":                  {"a.mp3", "", "x", "audio/mpeg"},
		"M4A":                  {"a.m4a", "", "x", "audio/mp4"},
		"Opus":                 {"a.opus", "", "x", "audio/ogg"},
		"text":                 {"a.txt", "", "x", "text/plain"},
		"Word":                 {"a.doc", "", "x", "application/msword"},
		"Word, new":            {"a.docx", "", "x", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		"Excel, new":           {"a.xlsx", "", "x", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		"PowerPoint, new":      {"a.pptx", "", "x", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
		"WebP":                 {"a.webp", "", "x", "image/webp"},
		"a PDF, no extension":  {"offer", "", "%PDF-1.7\n", "application/pdf"},
		"a JPEG, no extension": {"photo", "", jpeg, "image/jpeg"},
		"unknown extension":    {"photo.unknown-extension", "", jpeg, "image/jpeg"},
		"given":                {"a.jpg", "image/x-mine; a=b", "x", "image/x-mine; a=b"},
		"nothing known":        {"a", "", "\x00\x01", "application/octet-stream"},
		"text by its content":  {"notes", "", "hello there", "text/plain"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.NewServer()
			defer s.Close()
			file := commbox.FromBytes(test.name, []byte(test.content))
			file.ContentType = test.given
			media, err := s.Client().UploadMedia(t.Context(), "abc", file)
			if err != nil {
				t.Fatal(err)
			}
			up := s.Uploads()[0]
			if up.FileName != test.name || up.ContentType != test.want || media.ContentType != test.want || media.Filename != test.name {
				t.Errorf("arrived as %q, %q, returned %+v; want %q, %q", up.FileName, up.ContentType, media, test.name, test.want)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if _, err := s.Client().UploadMedia(t.Context(), "abc", smallPDF(), commbox.Header("X-Request-ID", "7")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Client(commbox.WithUserAgent("shop/2.1")).UploadMedia(t.Context(), "abc", smallPDF()); err != nil {
		t.Fatal(err)
	}
	first, second := s.Requests()[0], s.Requests()[1]
	for header, want := range map[string]string{"Accept": "application/json", "X-Request-Id": "7"} {
		if got := first.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if got := first.Header.Get("User-Agent"); !strings.HasPrefix(got, "commbox-go/") {
		t.Errorf("User-Agent: %q", got)
	}
	if got := second.Header.Get("User-Agent"); got != "shop/2.1" {
		t.Errorf("User-Agent: %q", got)
	}
}

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
		"plain but small":   {commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader("%PDF"))), 4, true},
	}
	for kind, test := range tests {
		t.Run(kind, func(t *testing.T) {
			s := newServer(t)
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

func (r readerAtSize) Read(p []byte) (int, error)              { return r.r.Read(p) }
func (r readerAtSize) ReadAt(p []byte, off int64) (int, error) { return r.r.ReadAt(p, off) }
func (r readerAtSize) Size() int64                             { return r.r.Size() }

type seekerOnly struct{ r *bytes.Reader }

func (r seekerOnly) Read(p []byte) (int, error)                { return r.r.Read(p) }
func (r seekerOnly) Seek(off int64, whence int) (int64, error) { return r.r.Seek(off, whence) }
