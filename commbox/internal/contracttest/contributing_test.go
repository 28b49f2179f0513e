package contracttest_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// contributing returns the root of the module and the text of CONTRIBUTING.
func contributing(t *testing.T) (module fs.FS, page string) {
	t.Helper()
	module = os.DirFS("../../..")
	data, err := fs.ReadFile(module, ".github/CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	return module, string(data)
}

// TestFloorPlan: the tables of CONTRIBUTING name no file or folder that is not there.
func TestFloorPlan(t *testing.T) {
	t.Parallel()
	module, page := contributing(t)
	places := regexp.MustCompile("`((?:api|commbox|gen)[\\w./-]*)`").FindAllStringSubmatch(page, -1)
	for _, place := range places {
		if _, err := fs.Stat(module, strings.TrimSuffix(place[1], "/")); err != nil {
			t.Error(err)
		}
	}
	if len(places) < 20 {
		t.Errorf("CONTRIBUTING.md names %d places", len(places))
	}
}

// TestPromises: each row of CONTRIBUTING's table of promises names tests, and
// each of them exists.
func TestPromises(t *testing.T) {
	t.Parallel()
	module, page := contributing(t)
	_, table, found := strings.Cut(page, "| promise | tests |\n| --- | --- |\n")
	if !found {
		t.Fatal("CONTRIBUTING.md has no table of promises")
	}
	exists := testsOf(t, module)
	named := regexp.MustCompile("`(\\w+)`")
	for row := range strings.Lines(table) {
		if !strings.HasPrefix(row, "|") {
			break
		}
		tests := named.FindAllStringSubmatch(row, -1)
		if len(tests) == 0 {
			t.Errorf("a row names no test: %s", row)
		}
		for _, test := range tests {
			if !exists[test[1]] {
				t.Errorf("there is no %s: %s", test[1], row)
			}
		}
	}
}

// testsOf returns the names of all tests and fuzz targets of a module.
func testsOf(t *testing.T, module fs.FS) map[string]bool {
	t.Helper()
	exists := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := fs.WalkDir(module, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(module, path)
		for _, match := range function.FindAllSubmatch(source, -1) {
			exists[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return exists
}
