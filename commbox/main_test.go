package commbox_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"
)

// TestMain makes a package that leaves a goroutine or an open file behind fail.
func TestMain(m *testing.M) {
	before := openFiles()
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if left := eventually(otherGoroutines); left != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "goroutines left behind:\n%s\n", left)
		code = 1
	}
	if left := eventually(func() []string { return newlyOpen(before) }); len(left) > 0 && code == 0 {
		fmt.Fprintf(os.Stderr, "files left open: %q\n", left)
		code = 1
	}
	os.Exit(code)
}
