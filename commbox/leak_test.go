package commbox_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"
)

// eventually looks again until there is nothing, for as long as what is ending
// may take to end, and returns what it saw last.
func eventually[T ~string | ~[]string](look func() T) T {
	deadline := time.Now().Add(10 * time.Second)
	for {
		seen := look()
		if len(seen) == 0 || time.Now().After(deadline) {
			return seen
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// otherGoroutines returns the stacks of all goroutines but this one and those
// that live as long as a process.
func otherGoroutines() string {
	buf := make([]byte, 4<<20)
	stacks := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	return strings.Join(slices.DeleteFunc(stacks[1:], func(stack string) bool {
		return strings.Contains(stack, "os/signal.") || strings.Contains(stack, "runtime.ensureSigM")
	}), "\n\n")
}

// labelled runs do with a label on its goroutine, which all that are started
// below it inherit: so those of one test are told from those of others that
// run at the same time.
func labelled(label string, do func()) {
	pprof.Do(context.Background(), pprof.Labels("test", label), func(context.Context) { do() })
}

// goroutinesOf returns the stacks of the goroutines with a label that have
// function in them.
func goroutinesOf(label, function string) string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return err.Error()
	}
	stacks := strings.Split(profile.String(), "\n\n")
	return strings.Join(slices.DeleteFunc(stacks, func(stack string) bool {
		return !strings.Contains(stack, `"test":"`+label+`"`) || !strings.Contains(stack, function)
	}), "\n\n")
}

// openFiles counts what this process has open, by name, sockets included;
// nothing where that is not known.
func openFiles() map[string]int {
	open := make(map[string]int)
	fds, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range fds {
		if name, err := os.Readlink(fd); err == nil && !strings.HasPrefix(name, "anon_inode:") { // the runtime's poller
			open[name]++
		}
	}
	return open
}

// newlyOpen returns the names of what is open and was not before.
func newlyOpen(before map[string]int) []string {
	now := openFiles()
	maps.DeleteFunc(now, func(name string, n int) bool { return n <= before[name] })
	return slices.Sorted(maps.Keys(now))
}

// TestLeakChecks proves that what is left is found.
func TestLeakChecks(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	labelled(t.Name(), func() { go func() { <-stop }() })
	if goroutinesOf(t.Name(), "TestLeakChecks") == "" || !strings.Contains(otherGoroutines(), "TestLeakChecks") {
		t.Error("a goroutine is not found")
	}
	close(stop)
	if left := eventually(func() string { return goroutinesOf(t.Name(), "") }); left != "" {
		t.Errorf("a goroutine that has ended is found:\n%s", left)
	}

	if len(openFiles()) == 0 {
		t.Skip("which files are open is not known on this system")
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "open"))
	if err != nil {
		t.Fatal(err)
	}
	if openFiles()[f.Name()] != 1 || !slices.Contains(newlyOpen(map[string]int{}), f.Name()) {
		t.Error("an open file is not found")
	}
	_ = f.Close()
	if openFiles()[f.Name()] != 0 {
		t.Error("a closed file is found")
	}
}
