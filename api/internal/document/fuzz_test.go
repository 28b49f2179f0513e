package document_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commbox-go/client/api/internal/document"
)

// seeds adds every source of the cases, and the published pages.
func seeds(f *testing.F, add func(name string, data []byte)) {
	f.Helper()
	cases, _ := filepath.Glob("testdata/*.txt")
	pages, _ := filepath.Glob("../../published/*")
	if len(cases) == 0 || len(pages) == 0 {
		f.Fatal("no seeds")
	}
	for _, name := range cases {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, section := range strings.Split(string(data), "\n-- ")[1:] {
			name, content, _ := strings.Cut(section, " --\n")
			if strings.Contains(name, "/") {
				add(name, []byte(content))
			}
		}
	}
	for _, name := range pages {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		add(name, data)
	}
}

func FuzzExtract(f *testing.F) {
	seeds(f, func(name string, data []byte) { f.Add(filepath.Ext(name), data) })
	f.Fuzz(func(_ *testing.T, extension string, data []byte) {
		_ = document.Extract(document.Input{Name: "a" + extension, Data: data})
	})
}

// A document that was made of anything is made of itself again.
func FuzzBuild(f *testing.F) {
	seeds(f, func(_ string, data []byte) { f.Add(data, []byte(nil)) })
	overlay := document.Input{Name: "overlay.yaml", Data: []byte(harmlessOverlay)}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		sources := []document.Input{{Name: "a.yaml", Data: first}}
		if len(second) > 0 {
			sources = append(sources, document.Input{Name: "b.md", Data: second})
		}
		once, _, err := document.Build(sources, overlay)
		if (once == nil) != (err != nil) {
			t.Fatalf("%d bytes and %v", len(once), err)
		}
		if err != nil {
			return
		}
		twice, _, err := document.Build([]document.Input{{Name: "c.json", Data: once}}, document.Input{Name: "o.yaml", Data: []byte(emptyOverlay)})
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("made of itself, %v:\n%s\ninto\n%s", err, once, twice)
		}
	})
}
