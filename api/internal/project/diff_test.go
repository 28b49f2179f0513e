package project

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestUnified(t *testing.T) {
	t.Parallel()
	text := func(lines ...string) string { return strings.Join(lines, "\n") + "\n" }
	numbers := func(from, to int) (lines []string) {
		for i := from; i <= to; i++ {
			lines = append(lines, fmt.Sprint(i))
		}
		return lines
	}
	tests := map[string]struct{ from, to, want string }{
		"equal":   {"a\n", "a\n", ""},
		"added":   {"", "a\nb\n", text("--- a", "+++ b", "@@ -0,0 +1,2 @@", "+a", "+b")},
		"removed": {"a\n", "", text("--- a", "+++ b", "@@ -1,1 +0,0 @@", "-a")},
		"in the middle": {
			text(numbers(1, 20)...), text(append(append(numbers(1, 9), "ten"), numbers(11, 20)...)...),
			text("--- a", "+++ b", "@@ -7,7 +7,7 @@", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13"),
		},
		"at both ends": {
			text(numbers(1, 20)...), text(append(append([]string{"one"}, numbers(2, 19)...), "twenty")...),
			text("--- a", "+++ b", "@@ -1,4 +1,4 @@", "-1", "+one", " 2", " 3", " 4", "@@ -17,4 +17,4 @@", " 17", " 18", " 19", "-20", "+twenty"),
		},
		"close together": {
			text(numbers(1, 9)...), text("1", "2", "3", "4", "6", "7", "eight", "9"),
			text("--- a", "+++ b", "@@ -2,8 +2,7 @@", " 2", " 3", " 4", "-5", " 6", " 7", "-8", "+eight", " 9"),
		},
		"nothing unique": {"a\na\na\n", "a\na\n", text("--- a", "+++ b", "@@ -1,3 +1,2 @@", " a", " a", "-a")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := unified("a", "b", tt.from, tt.to); got != tt.want {
				t.Errorf("have\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// What patch makes of a diff is the new text, whatever the texts are.
func TestUnifiedPatches(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("needs patch")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		var from, to strings.Builder
		for range random.IntN(60) {
			line := fmt.Sprintf("line %d\n", random.IntN(30))
			if random.IntN(8) > 0 {
				from.WriteString(line)
			}
			if random.IntN(8) > 0 {
				to.WriteString(line)
			}
		}
		if from.Len() == 0 || to.Len() == 0 || from.String() == to.String() {
			continue
		}
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte(from.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		patch := exec.CommandContext(t.Context(), "patch", "-s", "-F0", file)
		patch.Stdin = strings.NewReader(unified("file", "file", from.String(), to.String()))
		if out, err := patch.CombinedOutput(); err != nil {
			t.Fatalf("%d: %v %s\n%s", i, err, out, unified("file", "file", from.String(), to.String()))
		}
		if got, _ := os.ReadFile(file); string(got) != to.String() {
			t.Fatalf("%d: have\n%swant\n%s", i, got, to.String())
		}
	}
}

func TestUnifiedOfLargeTexts(t *testing.T) {
	t.Parallel()
	from := strings.Repeat("the same line\n", 100_000)
	to := strings.Repeat("another line\n", 100_000)
	start := time.Now()
	diff := unified("a", "b", from+"end\n", to+"end\n")
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if n := strings.Count(diff, "\n"); n > maxDiff+1 || !strings.HasSuffix(diff, "lines more\n") {
		t.Errorf("%d lines, ending in %q", n, diff[len(diff)-30:])
	}
}
