package main_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Killed at any moment, a run has either done everything or nothing, and the
// next run finishes the work and cleans up.
func TestKilled(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	old := m.committed()
	m.write("api/published/contacts.md", contacts)
	start := time.Now()
	m.mustRun()
	took := time.Since(start)
	finished := m.committed()
	runs := long(2, 25)
	done := 0
	for i := range runs {
		for name, content := range old {
			m.write(name, content)
		}
		cmd := exec.CommandContext(t.Context(), command)
		cmd.Dir = m.root
		cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir()) // a killed run leaves its folder there
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(took * time.Duration(i+1) / time.Duration(runs) * 5 / 4) // the last ones after the end
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		got := m.committed()
		switch {
		case cmp.Equal(got, finished):
			done++
		case !cmp.Equal(got, old):
			t.Fatalf("run %d left a mixture:\n%s", i, cmp.Diff(old, got))
		}
	}
	t.Logf("%d of %d runs had finished when they were killed", done, runs)
	m.write("gen/.generate-123", "half a file")
	m.write("api/.generate-456.old", "half a file")
	m.mustRun()
	if got := m.committed(); !cmp.Equal(got, finished) {
		t.Error(cmp.Diff(finished, got))
	}
	if left := m.leftovers(); left != nil {
		t.Error("left behind:", left)
	}
}
