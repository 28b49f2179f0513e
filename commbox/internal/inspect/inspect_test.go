package inspect_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/internal/inspect"
	"github.com/commbox-go/client/commbox/internal/mediatest"
)

func TestReader(t *testing.T) {
	t.Parallel()
	const mp4 = "video/mp4"
	tests := map[string]struct {
		contentType, content, warning string // "": none
	}{
		"H.264 and AAC":         {mp4, movie("avc1", "mp4a.40"), ""},
		"H.264 without sound":   {mp4, movie("avc1"), ""},
		"3GP":                   {"video/3gpp", movie("avc1", "mp4a"), ""},
		"M4A":                   {"audio/mp4", movie("", "mp4a"), ""},
		"HEVC":                  {mp4, movie("hvc1", "mp4a"), "HEVC: convert"},
		"HEVC of another kind":  {mp4, movie("hev1"), "HEVC"},
		"H.263":                 {"video/3gpp", movie("s263", "samr"), "H.263"},
		"AMR":                   {"video/3gpp", movie("avc1", "samr"), "AMR: convert it to AAC"},
		"nameless":              {mp4, movie("abcd"), "abcd"},
		"two audio streams":     {mp4, movie("avc1", "mp4a", "mp4a"), "2 audio streams"},
		"MP3":                   {mp4, movie("avc1", "mp4a.6b"), "MP3: convert it to AAC"},
		"DTS":                   {mp4, movie("avc1", "mp4a.a9"), "mp4a.a9"},
		"Opus":                  {mp4, movie("avc1", "Opus"), "Opus"},
		"Apple Lossless":        {"audio/mp4", movie("", "alac"), "Apple Lossless"},
		"sound only":            {mp4, movie("", "mp4a"), ".m4a"},
		"cut off":               {mp4, movie("avc1")[:100], "cut off"},
		"an index of nothing":   {mp4, "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42\x00\x00\x00\x08moov", "cut off"},
		"ends before it begins": {mp4, "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42\x00\x00\x00\x01free\xff\xff\xff\xff\xff\xff\xff\xe8", "cut off"},
		"zeros":                 {mp4, strings.Repeat("\x00", 1000), "cut off"},
		"Ogg, Opus seen":        {"audio/ogg; codecs=opus", "OggS", ""},
		"Ogg, no Opus seen":     {"audio/ogg", "OggS", "Opus"},
		"JPEG":                  {"image/jpeg", string(mediatest.JPEG()), ""},
		"JSON for a JPEG":       {"image/jpeg", `{"error":"not found"}`, "image/jpeg"},
		"PDF":                   {"application/pdf", "\x00\x00%PDF-1.7", ""},
		"no PDF":                {"application/pdf", "JVBERi0xLjcKJeLjz9MK", "application/pdf"},
		"text":                  {"text/plain", "anything", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := inspect.Reader(strings.NewReader(test.content), test.contentType)
			if (got == "") != (test.warning == "") || !strings.Contains(got, test.warning) {
				t.Errorf("%q, want %q", got, test.warning)
			}
		})
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.jpg")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, warned := range map[string]bool{path: true, dir: false, filepath.Join(dir, "none.jpg"): false} {
		if got := inspect.File(path, "image/jpeg"); (got != "") != warned {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func movie(video string, audio ...string) string {
	return string(mediatest.MP4("isom", video, audio...))
}

// TestReaderReadsLittle: wherever the index is.
func TestReaderReadsLittle(t *testing.T) {
	t.Parallel()
	head, index := mediatest.MP4("isom", "avc1", "mp4a"), []byte(nil)
	at := bytes.Index(head, []byte("moov")) - 4
	head, index = head[:at], head[at:]
	samples := append([]byte("\x00\xf0\x00\x00mdat"), make([]byte, 0xf00000-8)...)
	for name, content := range map[string][]byte{
		"index first": slices.Concat(head, index, samples),
		"index last":  slices.Concat(head, samples, index),
	} {
		r := &counted{ReadSeeker: bytes.NewReader(content)}
		if got := inspect.Reader(r, "video/mp4"); got != "" || r.n > 64<<10 {
			t.Errorf("%s: %d bytes read, %q", name, r.n, got)
		}
	}
}

// counted knows how much was read of it.
type counted struct {
	io.ReadSeeker
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadSeeker.Read(p)
	c.n += n
	return n, err
}

// FuzzReader: any bytes are a judgement and no crash.
func FuzzReader(f *testing.F) {
	for _, file := range append(mediatest.Good(), mediatest.Deep()...) {
		f.Add(file.Data)
	}
	f.Fuzz(func(_ *testing.T, content []byte) {
		inspect.Reader(bytes.NewReader(content), "video/mp4")
	})
}
