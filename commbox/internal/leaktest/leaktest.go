// Package leaktest finds what tests leave behind: goroutines, connections and
// open files.
package leaktest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"
)

// Main runs the tests of a package for its TestMain. The package fails if it
// leaves a goroutine or an open file behind.
func Main(m *testing.M) {
	before := openFiles()
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if left := Eventually(otherGoroutines); left != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "goroutines left behind:\n%s\n", left)
		code = 1
	}
	if left := Eventually(func() []string { return NewlyOpen(before) }); len(left) > 0 && code == 0 {
		fmt.Fprintf(os.Stderr, "files left open: %q\n", left)
		code = 1
	}
	os.Exit(code)
}

// patience is how long Eventually waits. Things end slowly on a busy machine.
const patience = 30 * time.Second

// Eventually calls look until it returns nothing, for half a minute at most. It returns
// the last result.
func Eventually[T ~string | ~[]string](look func() T) T {
	deadline := time.Now().Add(patience)
	for {
		seen := look()
		if len(seen) == 0 || time.Now().After(deadline) {
			return seen
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// otherGoroutines returns the stacks of all goroutines except the calling one and
// those that live as long as a process.
func otherGoroutines() string {
	buf := make([]byte, 4<<20)
	stacks := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	return strings.Join(slices.DeleteFunc(stacks[1:], func(stack string) bool {
		return strings.Contains(stack, "os/signal.") || strings.Contains(stack, "runtime.ensureSigM")
	}), "\n\n")
}

// Labelled runs do with a label on its goroutine. All goroutines that it starts
// inherit the label, so that [Goroutines] finds only those of one test.
func Labelled(label string, do func()) {
	pprof.Do(context.Background(), pprof.Labels("test", label), func(context.Context) { do() })
}

// Goroutines returns the stacks that contain function of the goroutines with a label of
// [Labelled].
func Goroutines(label, function string) string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return err.Error()
	}
	stacks := strings.Split(profile.String(), "\n\n")
	return strings.Join(slices.DeleteFunc(stacks, func(stack string) bool {
		return !strings.Contains(stack, `"test":"`+label+`"`) || !strings.Contains(stack, function)
	}), "\n\n")
}

// openFiles counts the open files of this process by name, including sockets. It finds
// none on systems without /proc.
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

// NewlyOpen returns the names of the files, including sockets, that are open now and are
// not in before.
func NewlyOpen(before map[string]int) []string {
	now := openFiles()
	maps.DeleteFunc(now, func(name string, n int) bool { return n <= before[name] })
	return slices.Sorted(maps.Keys(now))
}
