package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/internal/mediatest"
)

// TestDryRunSaysWhatTheUploadDoes: the same files are refused, for the same
// reasons. Of some others the dry run warns.
func TestDryRunSaysWhatTheUploadDoes(t *testing.T) {
	const oneMore = 1
	animated := "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02"
	tooLarge := []struct {
		name, head string
		size       int64
	}{
		{"image.jpg", "\xff\xd8\xff\xe0", 5<<20 + oneMore},
		{"image.png", "\x89PNG\r\n\x1a\n", 5<<20 + oneMore},
		{"video.mp4", "\x00\x00\x00\x18ftypisom", 16<<20 + oneMore},
		{"video.3gp", "\x00\x00\x00\x18ftyp3gp4", 16<<20 + oneMore},
		{"audio.m4a", "\x00\x00\x00\x18ftypM4A ", 16<<20 + oneMore},
		{"audio.ogg", "OggS\x00\x02" + strings.Repeat("\x00", 20) + "\x01\x13OpusHead", 16<<20 + oneMore},
		{"document.pdf", "%PDF-1.7", 100<<20 + oneMore},
		{"document.docx", "PK\x03\x04", 100<<20 + oneMore},
		{"text.txt", "text", 100<<20 + oneMore},
		{"sticker.webp", "RIFF\x00\x00\x00\x00WEBPVP8L", 100<<10 + oneMore},
		{"animated.webp", animated, 500<<10 + oneMore},
	}
	root := t.TempDir()
	write := func(kind, name string, data []byte) string {
		path := filepath.Join(root, kind, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	warned := make(map[string]string)
	for kind, files := range map[string][]mediatest.File{"good": mediatest.Good(), "bad": mediatest.Bad(), "deep": mediatest.Deep()} {
		for _, f := range files {
			if path := write(kind, f.Name, f.Data); kind == "deep" {
				warned[path] = f.Remedy
			}
		}
	}
	for _, f := range tooLarge {
		if err := os.Truncate(write("bad", f.name, []byte(f.head)), f.size); err != nil {
			t.Fatal(err)
		}
	}

	s, env := serving(t)
	dry := call(t, env, "upload", "--recursive", "--dry-run", "--json", root)
	if n := len(s.Requests()); dry.code != exitFailed || n != 0 {
		t.Errorf("exit %d, %d requests of a dry run", dry.code, n)
	}
	wet := call(t, env, "upload", "--recursive", "--json", root)
	if n, want := len(s.Uploads()), len(mediatest.Good())+len(mediatest.Deep()); wet.code != exitFailed || n != want {
		t.Errorf("exit %d, %d uploads, want %d", wet.code, n, want)
	}
	if people := call(t, env, "upload", "--dry-run", filepath.Join(root, "deep")); people.code != exitOK ||
		!strings.Contains(people.out, "warning") || !strings.Contains(people.err, "1 with a warning: its video is HEVC") {
		t.Errorf("exit %d, %s%s", people.code, people.out, people.err)
	}
	dryFiles, wetFiles := objects(t, dry.out), objects(t, wet.out)
	if all := len(mediatest.Good()) + len(mediatest.Deep()) + len(mediatest.Bad()) + len(tooLarge); len(dryFiles) != all {
		t.Errorf("%d files, want %d", len(dryFiles), all)
	}
	for _, f := range tooLarge {
		if o := dryFiles[filepath.Join(root, "bad", f.name)]; !strings.Contains(o.Error, strconv.FormatInt(f.size, 10)) {
			t.Errorf("%s of %d bytes: %+v", f.name, f.size, o)
		}
	}
	for path, o := range wetFiles {
		bad := strings.Contains(path, filepath.Join(root, "bad"))
		if d := dryFiles[path]; d.Error != o.Error || d.ContentType != o.ContentType || d.Bytes != o.Bytes || (d.Error != "") != bad {
			t.Errorf("%s: dry run %+v, upload %+v", path, d, o)
		}
		if warning := dryFiles[path].Warning; !strings.Contains(warning, warned[path]) || (warning != "") != (warned[path] != "") || o.Warning != "" {
			t.Errorf("%s: the dry run warns of %q, want %q", path, warning, warned[path])
		}
	}
}
