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
	t         *testing.T
	root      string
	generator string // the program that make generate and make check run
}

// TestModuleCopy does in copies of the module what a maintainer does.
func TestModuleCopy(t *testing.T) {
	t.Parallel()
	generator := filepath.Join(t.TempDir(), "generate.exe")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", generator, "./api/cmd/generate")
	build.Dir = top
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the generator: %v\n%s", err, out)
	}
	t.Run("operations of new pages", func(t *testing.T) { operationsOfNewPages(t, newModuleCopy(t, generator)) })
	t.Run("changed document", func(t *testing.T) { changedDocument(t, newModuleCopy(t, generator)) })
	t.Run("whatever is published", func(t *testing.T) { whateverIsPublished(t, newModuleCopy(t, generator)) })
}

// top is the root of the module.
var top = filepath.Join("..", "..", "..")

// newModuleCopy makes a copy in which nothing is published but the page that
// UploadMedia was written for, whatever is in the module.
func newModuleCopy(t *testing.T, generator string) *moduleCopy {
	t.Helper()
	m := &moduleCopy{t: t, root: t.TempDir(), generator: generator}
	left := []string{".git", "bin", "api/published", "commbox/cmd", "commbox/examples", "commbox/internal/bench", "commbox/internal/realtest"}
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
	own := m.path("api/cmd/generate/testdata/module/api")
	m.take("api", []string{filepath.Join(own, "overlay.yaml")})
	m.take("api/published", []string{filepath.Join(own, "published", "returns-a-whatsapp-id-for-an-uploaded-file.md")})
	if out, ok := m.generate(); !ok {
		t.Fatalf("make generate fails:\n%s", out)
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

// generate runs the generator in the copy.
func (m *moduleCopy) generate(args ...string) (output string, ok bool) {
	m.t.Helper()
	return m.run(m.generator, args...)
}

// run runs a program in the copy and reports whether it succeeds.
func (m *moduleCopy) run(program string, args ...string) (output string, ok bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = m.root
	cmd.Env = append(os.Environ(), "STRICT=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		m.t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), ctx.Err(), out)
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
	return m.run("go", append(flags, args...)...)
}
