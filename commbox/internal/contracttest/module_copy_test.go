package contracttest_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

// moduleCopy is a copy of the part of this module that a change of CommBox's
// document has an effect on, to do to it what a maintainer does.
type moduleCopy struct {
	t    *testing.T
	root string
}

func newModuleCopy(t *testing.T) *moduleCopy {
	t.Helper()
	m := &moduleCopy{t: t, root: t.TempDir()}
	left := []string{".git", "bin", "commbox/cmd", "commbox/examples", "commbox/internal/bench", "commbox/internal/realtest"}
	top := filepath.Join("..", "..", "..")
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, top+string(filepath.Separator)))
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (slices.Contains(left, name) || strings.HasPrefix(entry.Name(), ".generate-")):
			return fs.SkipDir
		case entry.IsDir() || !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), ".generate-"):
			return nil
		}
		data, err := os.ReadFile(path)
		if err == nil {
			m.write(name, string(data))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *moduleCopy) path(name string) string { return filepath.Join(m.root, filepath.FromSlash(name)) }

func (m *moduleCopy) read(name string) string {
	m.t.Helper()
	data, err := os.ReadFile(m.path(name))
	if err != nil {
		m.t.Fatal(err)
	}
	return string(data)
}

func (m *moduleCopy) write(name, content string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.path(name), []byte(content), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// files are all that there are, by name.
func (m *moduleCopy) files() map[string]string {
	m.t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(m.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(m.root, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return files
}

// restore puts back what was changed since files.
func (m *moduleCopy) restore(files map[string]string) {
	m.t.Helper()
	for name, content := range m.files() {
		if before, ok := files[name]; !ok {
			if err := os.Remove(m.path(name)); err != nil {
				m.t.Fatal(err)
			}
		} else if before != content {
			m.write(name, before)
		}
	}
}

// run runs a command of go in the copy and reports whether it succeeds.
func (m *moduleCopy) run(args ...string) (output string, ok bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = m.root
	cmd.Env = append(os.Environ(), "STRICT=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		m.t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), ctx.Err(), out)
	}
	return string(out), err == nil
}

// test runs tests in the copy, with the race detector if this test has it.
func (m *moduleCopy) test(args ...string) (output string, ok bool) {
	m.t.Helper()
	flags := []string{"test", "-vet=off"}
	if info, found := debug.ReadBuildInfo(); found && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		flags = append(flags, "-race")
	}
	return m.run(append(flags, args...)...)
}
