package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestInterruptEndsUploadsAndPrintsWhatWasDone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signal to send to another process")
	}
	s, env := serving(t)
	s.Fail(commboxtest.Slow(1<<30), commboxtest.Stall(0).Forever())
	dir := tree(t, "a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.pdf")
	journal := filepath.Join(t.TempDir(), "journal")
	cmd := command(t, env, "upload", "--workers", "2", "--journal", journal, dir)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); len(s.Requests()) < 3; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no uploads are running")
		}
	}
	began := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if code := exitStatus(cmd.ProcessState.ExitCode()); code != exitInterrupted {
		t.Errorf("exit %d, want %d", code, exitInterrupted)
	}
	id := s.Uploads()[0].ID
	if !strings.Contains(out.String(), id) || strings.Count(out.String(), "failed") != 2 {
		t.Errorf("the output does not have what was done and what was not:\n%s", &out)
	}
	if !strings.Contains(errs.String(), "interrupted:") {
		t.Errorf("standard error: %s", &errs)
	}
	if done := doneInJournal(t, journal); len(done) != 1 {
		t.Errorf("the journal has %v", done)
	}
}

// Standard input that says nothing must not keep an interrupted command alive.
func TestInterruptWhileStandardInputIsSilent(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signal to send to another process")
	}
	s, env := serving(t)
	cmd := command(t, env, "upload", "--name", "offer.mp4", "-")
	silent, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// It has begun, and waits for more, when the server has a part of the file.
	if _, err := silent.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	for len(s.Requests()) == 0 {
		if t.Context().Err() != nil {
			t.Fatal("no upload is running")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	select {
	case <-ended:
		if code := exitStatus(cmd.ProcessState.ExitCode()); code != exitInterrupted {
			t.Errorf("exit %d, want %d", code, exitInterrupted)
		}
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		<-ended
		t.Error("it goes on after ctrl-C")
	}
}
