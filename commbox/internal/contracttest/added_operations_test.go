package contracttest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// operationsOfNewPages takes in pages as the README tells it: they are
// saved, and make generate is run. Nothing else changes, and the operations
// are called, served and held to their pages: the tests in testdata/added, which
// the long form runs.
func operationsOfNewPages(t *testing.T, m *moduleCopy) {
	pages, err := filepath.Glob("testdata/added/published/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, error %v", len(pages), err)
	}
	tests, err := filepath.Glob("testdata/added/*_test.go")
	if err != nil || len(tests) == 0 {
		t.Fatalf("%d tests, error %v", len(tests), err)
	}
	m.take("api/published", pages)
	before := m.files()

	out, ok := m.generate()
	if !ok {
		t.Fatalf("make generate fails:\n%s", out)
	}
	// CommBox's pages have defects, and these have them too. What they are
	// about is still there, and each is named.
	out = m.read("api/defects.txt")
	for _, defect := range []string{
		"/components/schemas/Dossier/properties/subject/type: the type is in the wrong case: \"String\" taken for \"string\"",
		"/components/schemas/Visitor/properties/name/required: a property cannot require itself",
		"/components/schemas/Announcement/properties/previewUrl/optional: no schema has such a key",
		"/components/schemas/Announcement/properties/header/properties/media_id/example: the schema does not allow this example",
		"/components/schemas/Dossier/properties/created/example: the schema does not allow this example",
	} {
		if !strings.Contains(out, defect) {
			t.Errorf("api/defects.txt does not say %q:\n%s", defect, out)
		}
	}
	if got, want := m.changed(before), []string{"api/defects.txt", "api/openapi.json", "gen/client.gen.go"}; !slices.Equal(got, want) {
		t.Errorf("make generate changed %q, want %q", got, want)
	}
	if out, ok := m.generate(theCheck...); !ok {
		t.Errorf("make check does not take what make generate made:\n%s", out)
	}

	if !long {
		return
	}
	m.take("added", tests)
	out, ok = m.test("-run", "^(TestContract|TestAdded)", "./commbox/internal/contracttest", "./added")
	if !ok || strings.Count(out, "ok  \t") != 2 || strings.Contains(out, "no tests") {
		t.Errorf("tests with the added operations:\n%s", out)
	}
}

// take copies files into a folder of the module.
func (m *moduleCopy) take(folder string, files []string) {
	m.t.Helper()
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			m.t.Fatal(err)
		}
		m.write(folder+"/"+filepath.Base(name), string(data))
	}
}

// changed returns the names of what is not as it was.
func (m *moduleCopy) changed(before map[string]string) (names []string) {
	m.t.Helper()
	for name, content := range m.files() {
		if old, ok := before[name]; !ok || old != content {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
