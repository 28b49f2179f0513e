//go:build unix

package faulttest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// stoppedTarget is the address of the CommBox that the process of TestStoppedProcess uploads to.
const stoppedTarget = "COMMBOX_TEST_STOPPED_TARGET"

// TestStoppedProcess: a process that is stopped for longer than its stall timeout, in the middle of an upload, finishes
// the same attempt when it goes on.
func TestStoppedProcess(t *testing.T) {
	if url := os.Getenv(stoppedTarget); url != "" {
		uploadSlowly(t, url)
		return
	}
	t.Parallel()
	if !long {
		t.Skip("a long test: it stops a process for longer than a busy machine stalls one")
	}
	server := commboxtest.New(t)
	server.Fail(commboxtest.Slow(2 << 20)) // four seconds for the file
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStoppedProcess$", "-test.v")
	child.Env = append(os.Environ(), stoppedTarget+"="+server.URL, "COMMBOX_API_KEY="+server.Key())
	var out strings.Builder
	child.Stdout, child.Stderr = &out, &out
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for len(server.Requests()) == 0 && t.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	_ = child.Process.Signal(syscall.SIGSTOP)
	time.Sleep(8 * time.Second) // the time that passes is what is tested
	_ = child.Process.Signal(syscall.SIGCONT)
	if err := child.Wait(); err != nil || !strings.Contains(out.String(), "attempts: 1\n") {
		t.Errorf("%v: %s", err, &out)
	}
}

func uploadSlowly(t *testing.T, url string) {
	client, err := commbox.NewFromEnv(commbox.WithBaseURL(url), commbox.WithStallTimeout(5*time.Second), commbox.WithResponseTimeout(5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	media, err := client.UploadMedia(context.Background(), "abc", commbox.FromBytes("offer.pdf", append([]byte("%PDF-1.7\n"), make([]byte, 8<<20)...)))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("attempts: %d\n", media.Attempts)
}
