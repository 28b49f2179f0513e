package commbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/commbox/internal/mediatest"
)

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
		"at the limit":        {zeros("a.jpg", 5<<20), nil},
		"an animated sticker": {commbox.FromBytes("a.webp", animated), nil},
		"WithoutMediaLimits":  {zeros("a.jpg", 6<<20), []commbox.Option{commbox.WithoutMediaLimits()}},
		"and on no list":      {zeros("a.zip", 6<<20), []commbox.Option{commbox.WithoutMediaLimits()}},
		"and contradictory":   {commbox.FromBytes("a.png", []byte("%PDF-1.7")), []commbox.Option{commbox.WithoutMediaLimits()}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			if _, err := s.Client(test.opts...).UploadMedia(t.Context(), "abc", test.file); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestWhatWhatsAppAccepts: good files arrive, of bad ones nothing leaves, and
// little is read before that is clear.
func TestWhatWhatsAppAccepts(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	c := s.Client()
	for _, f := range mediatest.Good() {
		r := &counted{Reader: io.MultiReader(bytes.NewReader(f.Data), strings.NewReader(strings.Repeat(" ", 90<<10)))}
		key := commbox.KeyFunc(func(context.Context) (string, error) {
			if r.n > 64<<10 {
				t.Errorf("%s: %d bytes read before the request", f.Name, r.n)
			}
			return s.Key(), nil
		})
		if _, err := c.UploadMedia(t.Context(), "good", commbox.FromReader(f.Name, r), commbox.Key(key)); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	good := len(s.Requests())
	for _, f := range mediatest.Bad() {
		r := &counted{Reader: io.MultiReader(bytes.NewReader(f.Data), io.NewSectionReader(zeros{}, 0, 1<<20))}
		_, err := c.UploadMedia(t.Context(), "bad", commbox.FromReader(f.Name, r))
		if !errors.Is(err, commbox.ErrInvalidInput) || !strings.Contains(err.Error(), f.Remedy) || r.n > 64<<10 {
			t.Errorf("%s: %d bytes read, error %v, want %q", f.Name, r.n, err, f.Remedy)
		}
	}
	if n := len(s.Requests()) - good; n != 0 {
		t.Errorf("%d requests for what WhatsApp refuses", n)
	}
}

// counted knows how much was read of it.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
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
			media, err := s.Client(commbox.WithoutMediaLimits()).UploadMedia(t.Context(), "abc", file)
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
