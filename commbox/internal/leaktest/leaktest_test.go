package leaktest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLeaksAreFound proves that the checks see a goroutine and a file.
func TestLeaksAreFound(t *testing.T) {
	stop := make(chan struct{})
	Labelled(t.Name(), func() { go func() { <-stop }() })
	if Goroutines(t.Name(), "TestLeaksAreFound") == "" || !strings.Contains(otherGoroutines(), "TestLeaksAreFound") {
		t.Error("a goroutine is not found")
	}
	close(stop)
	if left := Eventually(func() string { return Goroutines(t.Name(), "") }); left != "" {
		t.Errorf("a goroutine that has ended is found:\n%s", left)
	}

	if len(openFiles()) == 0 {
		t.Skip("which files are open is not known on this system")
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "open"))
	if err != nil {
		t.Fatal(err)
	}
	if openFiles()[f.Name()] != 1 || !slices.Contains(NewlyOpen(map[string]int{}), f.Name()) {
		t.Error("an open file is not found")
	}
	_ = f.Close()
	if openFiles()[f.Name()] != 0 {
		t.Error("a closed file is found")
	}
}
