package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../../.."

// goBlocks returns the Go code in the README.
func goBlocks(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(readme, -1) {
		blocks = append(blocks, string(m[1]))
	}
	if len(blocks) < 2 {
		t.Fatalf("the README has %d blocks of Go", len(blocks))
	}
	return blocks
}

// The program in the README works when it is pasted.
func TestREADMEProgramRuns(t *testing.T) {
	t.Parallel()
	program := goBlocks(t)[0]
	if !strings.HasPrefix(program, "package main\n") {
		t.Fatalf("the first block is no program: %.40q", program)
	}
	dir := tree(t, "offer.pdf", "main.go")
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	// An overlay puts it into a package of this module without writing there.
	pkg, err := filepath.Abs(filepath.Join(root, "readme"))
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(pkg, "main.go"): source}})
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "program.exe")
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlayFile, "-o", binary, "./readme")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	s, env := serving(t)
	run := command(t, env)
	run.Path, run.Dir = binary, dir
	got := finish(t, run)
	if len(s.Uploads()) != 1 || got.code != 0 || got.out != s.Uploads()[0].ID+"\n" {
		t.Errorf("exit %d, %d uploads, printed %q %q", got.code, len(s.Uploads()), got.out, got.err)
	}
}

// What the README shows is taken from Examples, which the tests compile and run.
func TestREADMEShowsExamples(t *testing.T) {
	t.Parallel()
	var examples strings.Builder
	for _, pattern := range []string{"commbox/example*_test.go", "commbox/commboxtest/example*_test.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			examples.WriteString(flat(string(data)))
		}
	}
	for _, block := range goBlocks(t) {
		if _, body, ok := strings.Cut(block, "func main() {\n"); ok {
			block = strings.TrimSuffix(strings.TrimSpace(body), "}")
		}
		if !strings.Contains(examples.String(), flat(block)) {
			t.Errorf("this is not in any Example:\n%s", block)
		}
	}
}

// flat is code without its indentation and empty lines.
func flat(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func TestREADMEIsShort(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(readme), "\n"); n > 150 {
		t.Errorf("the README has %d lines, more than 150", n)
	}
}

// TestREADMELinks: what the README and CONTRIBUTING link to in the repository is
// there.
func TestREADMELinks(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", ".github/CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(page), link[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

// TestREADMECommands runs the shell's part of the README as it stands there: a
// program beside a clone, then the commands in the clone.
func TestREADMECommands(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	clone, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	beside := t.TempDir()
	if err := os.Symlink(clone, filepath.Join(beside, "client")); err != nil {
		t.Skip(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(blocks) != 2 {
		t.Fatalf("the README has %d blocks of shell, not 2", len(blocks))
	}
	for i, dir := range []string{beside, clone} {
		run := exec.CommandContext(t.Context(), "sh", "-e")
		run.Dir, run.Stdin = dir, strings.NewReader(string(blocks[i][1]))
		if out, err := run.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s%s", err, blocks[i][1], out)
		}
	}
	if mod, err := os.ReadFile(filepath.Join(beside, "offer", "go.mod")); err != nil || !strings.Contains(string(mod), "=> ../client") {
		t.Errorf("go.mod: %s, %v", mod, err)
	}
}
