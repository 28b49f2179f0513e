package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// terminal is a real one, made by tmux, with the command running in it.
type terminal struct {
	t      *testing.T
	socket string
}

// inTerminal starts the command in a terminal of that many columns. Where tmux
// is not installed, the test is skipped.
func inTerminal(t *testing.T, columns int, env []string, args ...string) terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	dir, err := os.MkdirTemp("", "tmux") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	term := terminal{t, filepath.Join(dir, "s")}
	t.Cleanup(func() {
		_ = exec.CommandContext(context.Background(), "tmux", "-S", term.socket, "kill-server").Run()
		_ = os.RemoveAll(dir)
	})
	script := "trap : INT\nexport LC_ALL=C.UTF-8\n" + strings.Repeat("echo before\n", 40)
	for _, v := range append(env, actAsCommand+"=1") {
		name, value, _ := strings.Cut(v, "=")
		script += fmt.Sprintf("export %s='%s'\n", name, value)
	}
	cmd := command(t, nil, args...)
	script += "'" + strings.Join(cmd.Args, "' '") + "'\necho \"exit $?\"\nsleep 60\n"
	file := filepath.Join(dir, "script")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	term.tmux("-u", "-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(columns), "-y", "30", "sh "+file)
	return term
}

func (term terminal) tmux(args ...string) string {
	term.t.Helper()
	out, err := exec.CommandContext(term.t.Context(), "tmux", append([]string{"-S", term.socket}, args...)...).CombinedOutput()
	if err != nil {
		term.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// screen waits until the lines on the screen, and those that have left it at the
// top, match the pattern.
func (term terminal) screen(pattern string, options ...string) string {
	term.t.Helper()
	want := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		got := strings.TrimRight(term.tmux(append([]string{"capture-pane", "-p", "-S", "-"}, options...)...), "\n")
		if want.MatchString(got) {
			return got
		}
		if time.Now().After(deadline) {
			term.t.Fatalf("the screen never matched %s:\n%.4000s", pattern, got)
		}
	}
}

// slowly starts a CommBox to which an upload of any of the files in the
// returned directory takes minutes.
func slowly(t *testing.T) (env []string, dir string) {
	t.Helper()
	s, env := serving(t)
	s.Fail(commboxtest.Slow(20_000).Forever())
	dir = tree(t, "a.mp4", "הצעת מחיר.mp4", "a long name that no column of a terminal can hold, certainly not one of eighty.mp4")
	for _, name := range []string{"a.mp4", "הצעת מחיר.mp4", "a long name that no column of a terminal can hold, certainly not one of eighty.mp4"} {
		if err := os.Truncate(filepath.Join(dir, name), 15<<20); err != nil {
			t.Fatal(err)
		}
	}
	return env, dir
}

// progressLine is what the screen shows of running uploads: what was there before,
// untouched, one line, and nothing below.
const progressLine = `\A(before\n){40}total \d of .*\z`

func TestProgressInATerminal(t *testing.T) {
	t.Parallel()
	env, dir := slowly(t)
	term := inTerminal(t, 80, env, "upload", "--workers", "3", dir)
	for line := range strings.Lines(term.screen(progressLine)) {
		if w := runewidth.StringWidth(strings.TrimRight(line, "\n")); w > 80 {
			t.Errorf("a line of %d cells: %s", w, line)
		}
	}

	// Keys that are pressed meanwhile do no harm, and neither do resizes. The command
	// learns of one later than the screen: when several follow each other, tmux tells
	// it of them at most four times a second.
	term.tmux("send-keys", "x")
	resizes := 2
	if long {
		resizes = 40
	}
	for i := range resizes {
		term.tmux("resize-window", "-x", []string{"200", "80", "120", "81"}[i%4], "-y", "30")
		time.Sleep(130 * time.Millisecond)
	}
	term.tmux("resize-window", "-x", "80", "-y", "30")
	time.Sleep(500 * time.Millisecond)
	term.screen(progressLine)

	term.tmux("send-keys", "C-c")
	last := term.screen(`exit \d+\z`)
	if !strings.Contains(last, "exit 130") || strings.Contains(last, "total") {
		t.Errorf("after ctrl-C:\n%s", last)
	}
	if n := strings.Count(last, "  failed"); n != 1 || !strings.Contains(last, "before\nFILE ") {
		t.Errorf("the table is not there:\n%s", last)
	}
}

func TestADumbTerminalGetsPlainLines(t *testing.T) {
	t.Parallel()
	_, env := serving(t)
	term := inTerminal(t, 80, append(env, "TERM=dumb"), "upload", "samples")
	got := term.screen(`exit 0\z`)
	for _, want := range []string{"samples/photo.jpg: uploaded\n", "samples/הצעת מחיר.pdf: uploaded", "FILE  "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// At every width the lines fit, and no two rows can be taken for each other.
func TestEveryWidth(t *testing.T) {
	t.Parallel()
	names := []string{
		"contracts-of-the-northern-region-2026-january.pdf", "contracts-of-the-northern-region-2026-february.pdf",
		"contracts-of-the-northern-region-2026-march.pdf", "הצעת מחיר לשנת 2026 עבור לקוחות הצפון.pdf",
	}
	dir := tree(t, names...)
	widths := []int{40, 80}
	if long {
		widths = []int{40, 60, 80, 200}
	}
	for _, width := range widths {
		got := inTerminal(t, width, nil, "upload", "--demo", dir).screen(`exit \d+\z`)
		_, table, _ := strings.Cut(got, "FILE ")
		rows := make(map[string]bool)
		for line := range strings.Lines(table) {
			if w := runewidth.StringWidth(strings.TrimRight(line, "\n")); w > width {
				t.Errorf("at %d columns a line of %d: %s", width, w, line)
			}
			if name, _, ok := strings.Cut(line, "  "); ok && strings.Contains(name, ".pdf") {
				rows[name] = true
			}
		}
		if len(rows) != len(names) {
			t.Errorf("at %d columns:\n%s", width, got)
		}
	}
}
