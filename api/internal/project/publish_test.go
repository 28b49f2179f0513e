package project

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tree returns the files below a folder, with their content.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestPublish(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, "api/same", "same")
	write(t, root, "api/old", "old")
	write(t, root, "gen/.generate-1", "left by a run that was killed")
	changed, err := Publish(root, []File{{Name: "api/same", Data: []byte("same")}, {Name: "api/old", Data: []byte("new")}, {Name: "gen/first", Data: []byte("first")}})
	if err != nil || !slices.Equal(changed, []string{"api/old", "gen/first"}) {
		t.Errorf("changed %v, %v", changed, err)
	}
	want := map[string]string{"api/same": "same", "api/old": "new", "gen/first": "first"}
	if got := tree(t, root); !maps.Equal(got, want) {
		t.Errorf("have %v", got)
	}
	if info, err := os.Stat(filepath.Join(root, "gen", "first")); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// If the last file cannot be replaced, the others get their old content back.
func TestPublishUndoes(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, "api/old", "old")
	write(t, root, "gen/client", "client")
	before := tree(t, root)
	files := []File{{Name: "api/old", Data: []byte("new")}, {Name: "api/first", Data: []byte("first")}, {Name: "gen/client", Data: []byte("newer")}}
	fail := func(from, to string) error {
		if filepath.Base(to) == "client" {
			return os.ErrPermission
		}
		return os.Rename(from, to)
	}
	changed, err := publish(root, files, fail)
	if err == nil || changed != nil {
		t.Errorf("changed %v, %v", changed, err)
	}
	if got := tree(t, root); !maps.Equal(got, before) {
		t.Errorf("have %v", got)
	}
}
