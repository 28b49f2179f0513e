package contracttest_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// whateverIsPublished regenerates from a made-up API, in each of the four ways
// that it can be published, as make generate and make check do, and holds what
// was generated to the contract. Nothing else changes, and nobody edits.
func whateverIsPublished(t *testing.T, m *moduleCopy) {
	if !long {
		t.Skip("takes minutes: COMMBOX_TEST_LONG=1")
	}
	const page = "api/published/returns-a-whatsapp-id-for-an-uploaded-file.md"
	folder := t.TempDir()
	if out, ok := m.test("-run", "^TestMadeUp$", "./api/internal/project", "-made-up-to", folder); !ok {
		t.Fatal(out)
	}
	pages, whole := published(t, folder), published(t, filepath.Join(folder, "whole"))
	first := slices.Sorted(maps.Keys(pages))[0]
	tests := map[string]struct {
		published map[string]string
		instead   bool // of the page that UploadMedia was written for
	}{
		"a page beside it":       {published: map[string]string{first: pages[first]}},
		"every page beside it":   {published: pages},
		"the whole document":     {published: whole, instead: true},
		"the document beside it": {published: whole},
	}
	untouched := m.files()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			defer m.restore(untouched)
			defer m.write(page, untouched[page])
			if test.instead {
				if err := os.Remove(m.path(page)); err != nil {
					t.Fatal(err)
				}
			}
			for name, data := range test.published {
				m.write("api/published/"+name, data)
			}
			before := m.files()
			if out, ok := m.generate(); !ok {
				t.Fatalf("make generate fails:\n%s", out)
			}
			if got, want := m.changed(before), []string{"api/defects.txt", "api/openapi.json", "gen/client.gen.go"}; !slices.Equal(got, want) {
				t.Errorf("make generate changed %q, want %q", got, want)
			}
			if out, ok := m.generate(theCheck...); !ok || out != "" {
				t.Errorf("what was accepted is told again:\n%s", out)
			}
			if out, ok := m.test("-run", "^TestContract", "./commbox/internal/contracttest"); !ok {
				t.Errorf("the contract tests fail:\n%s", out)
			}
		})
	}
}

// published are the files in a folder, by name.
func published(t *testing.T, folder string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = string(data)
	}
	return files
}
