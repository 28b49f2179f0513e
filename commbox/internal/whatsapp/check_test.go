package whatsapp_test

import (
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/internal/mediatest"
	"github.com/commbox-go/client/commbox/internal/whatsapp"
)

func TestGoodFiles(t *testing.T) {
	t.Parallel()
	for _, f := range mediatest.Good() {
		if contentType, limit, err := whatsapp.Check(f.Name, "", f.Data); err != nil || limit == 0 {
			t.Errorf("%s: type %s, limit %d, error %v", f.Name, contentType, limit, err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	for _, f := range mediatest.Bad() {
		if contentType, _, err := whatsapp.Check(f.Name, "", f.Data); err == nil || !strings.Contains(err.Error(), f.Remedy) {
			t.Errorf("%s, %s: error %v does not say %q", f.Name, contentType, err, f.Remedy)
		}
	}
}

func TestDeclaredTypes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, declared, head, want, err string }{
		"with parameters":         {"a", "IMAGE/JPEG; q=1", "x", "IMAGE/JPEG; q=1", ""},
		"more than the extension": {"a.bin", "application/pdf", "%PDF-1.7", "application/pdf", ""},
		"Opus":                    {"a.ogg", "audio/ogg; codecs=opus", "x", "audio/ogg; codecs=opus", ""},
		"Opus by content":         {"a.ogg", "", oggOpus, "audio/ogg; codecs=opus", ""},
		"Opus as declared":        {"a.ogg", "audio/ogg", oggOpus, "audio/ogg", ""},
		"audio/opus":              {"a.ogg", "audio/opus", oggOpus, "audio/opus", "audio/ogg; codecs=opus"},
		"audio/opus, unseen":      {"a.opus", "audio/opus", "x", "audio/opus", "audio/ogg; codecs=opus"},
		"image/jpg":               {"a.jpg", "image/jpg", "\xff\xd8\xff\xe0", "image/jpg", "send it as image/jpeg"},
		"octet-stream":            {"a.pdf", "application/octet-stream", "%PDF-1.7", "application/octet-stream", "extension"},
		"unheard of":              {"a.pdf", "image/x-mine", "x", "image/x-mine", "PDF"},
		"another than the bytes":  {"a.png", "image/jpeg", "\x89PNG\r\n\x1a\n", "image/jpeg", "image/png"},
		"the name lies":           {"a.jpg", "image/png", "\x89PNG\r\n\x1a\n", "image/png", "named .png"},
		"bytes that show nothing": {"a.jpg", "", "x", "image/jpeg", ""},
		"a log":                   {"a.log", "", "all is well\n", "text/plain", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, err := whatsapp.Check(test.name, test.declared, []byte(test.head))
			if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("%q, error %v; want %q, error with %q", got, err, test.want, test.err)
			}
		})
	}
}

const oggOpus = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead"

// FuzzCheck: any bytes are a judgement and no crash.
func FuzzCheck(f *testing.F) {
	for _, file := range append(mediatest.Good(), mediatest.Bad()...) {
		f.Add(file.Name, "", file.Data)
	}
	f.Fuzz(func(t *testing.T, name, declared string, head []byte) {
		contentType, limit, err := whatsapp.Check(name, declared, head)
		if contentType == "" || err == nil && limit == 0 {
			t.Errorf("%q, limit %d, error %v", contentType, limit, err)
		}
	})
}
