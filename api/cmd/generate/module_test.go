package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What prepare makes, in a folder that is removed in the end: the command, and a
// module on which it has run.
var folder, command, base string

func TestMain(m *testing.M) {
	os.Exit(func() (status int) {
		var err error
		if folder, err = os.MkdirTemp("", "generate-test-"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(folder)
		command, base = filepath.Join(folder, "generate.exe"), filepath.Join(folder, "module")
		return m.Run()
	}())
}

// prepare is left to the first test and walks over the code of the command: the go
// command shows a result again unless something has changed that a test has opened.
var prepare = sync.OnceValue(func() error {
	code := filepath.WalkDir("../..", func(_ string, _ fs.DirEntry, err error) error { return err })
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-o", command, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return errors.Join(code, makeBase())
})

// A module is a copy of the part of this module that the command works on.
type module struct {
	t    *testing.T
	root string
	env  []string // in addition to that of the test
}

func newModule(t *testing.T) *module {
	t.Helper()
	return newModuleIn(t, t.TempDir())
}

// newModuleIn copies the base into root.
func newModuleIn(t *testing.T, root string) *module {
	t.Helper()
	if err := errors.Join(prepare(), copyTree(base, root)); err != nil {
		t.Fatal(err)
	}
	return &module{t: t, root: root}
}

// makeBase copies this module without what CommBox published and the repairs
// of that, which the tests have their own of: a page that is taken in must not
// make them fail.
func makeBase() error {
	top := filepath.Join("..", "..", "..")
	for _, name := range []string{"go.mod", "go.sum", "tools.go", "generate.go", "api", "gen", "commbox"} {
		name = filepath.FromSlash(name)
		if err := copyTree(filepath.Join(top, name), filepath.Join(base, name)); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(filepath.Join(base, "api", "published")); err != nil {
		return err
	}
	if err := copyTree(filepath.Join("testdata", "module"), base); err != nil {
		return err
	}
	generate := exec.CommandContext(context.Background(), command)
	generate.Dir = base
	if out, err := generate.CombinedOutput(); err != nil {
		return fmt.Errorf("generate the base: %w\n%s", err, out)
	}
	return nil
}

// left are the folders that the command does not need.
var left = []string{
	"api/cmd", "api/internal", "api/specdiff",
	"commbox/cmd", "commbox/commboxtest", "commbox/examples", "commbox/testdata", "commbox/internal/bench", "commbox/internal/realtest",
}

// copyTree copies a file or a folder, but not the folders of this command.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(left, strings.TrimPrefix(filepath.ToSlash(path), "../../../")) {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if strings.HasPrefix(path, filepath.Join(base, "commbox")) {
			return os.Link(path, target) // nothing changes it
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}

func (m *module) path(name string) string { return filepath.Join(m.root, filepath.FromSlash(name)) }

func (m *module) write(name, content string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.path(name), []byte(content), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func (m *module) read(name string) string {
	m.t.Helper()
	data, err := os.ReadFile(m.path(name))
	if err != nil {
		m.t.Fatal(err)
	}
	return string(data)
}

// edit replaces text in a file that has it exactly once.
func (m *module) edit(name, from, to string) {
	m.t.Helper()
	content := m.read(name)
	if n := strings.Count(content, from); n != 1 {
		m.t.Fatalf("%s has %q %d times", name, from, n)
	}
	m.write(name, strings.Replace(content, from, to, 1))
}

// output is what the command may change: every file of the module by name.
func (m *module) output() map[string]string {
	m.t.Helper()
	files := m.folder("api")
	maps.Copy(files, m.folder("gen"))
	return files
}

func (m *module) folder(name string) map[string]string {
	m.t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(m.path(name), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(m.root, path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return files
}

// run executes the command and returns what it printed and its exit status.
func (m *module) run(args ...string) (stdout, stderr string, status int) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command, args...)
	return m.finish(cmd)
}

func (m *module) finish(cmd *exec.Cmd) (stdout, stderr string, status int) {
	m.t.Helper()
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = m.root, &out, &errs
	cmd.Env = append(append(os.Environ(), "STRICT="), m.env...)
	_ = cmd.Run() // the status says it
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// mustRun fails the test unless the command succeeds.
func (m *module) mustRun(args ...string) (stdout, stderr string) {
	m.t.Helper()
	stdout, stderr, status := m.run(args...)
	if status != 0 {
		m.t.Fatalf("exit status %d\n%s%s", status, stdout, stderr)
	}
	return stdout, stderr
}

// vet compiles and vets the generated code.
func (m *module) vet() {
	m.t.Helper()
	if stdout, stderr, status := m.finish(exec.CommandContext(m.t.Context(), "go", "vet", "./gen", "./api")); status != 0 {
		m.t.Fatalf("the generated code does not vet: %s%s", stdout, stderr)
	}
}

// long returns how many cells a test has: a few, or all with
// COMMBOX_TEST_LONG=1.
func long(few, all int) int {
	if os.Getenv("COMMBOX_TEST_LONG") != "" {
		return all
	}
	return few
}
