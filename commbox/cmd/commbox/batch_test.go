package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestPathsSurviveTheList(t *testing.T) {
	t.Parallel()
	want := []string{"a\rb.pdf", "a.pdf", "הצעת מחיר.pdf", `"quoted".pdf`, "two\nlines.pdf", " space ", "-x", `'a'`}
	var b batch
	for _, path := range want {
		b.rows = append(b.rows, row{File: path})
	}
	again := batch{filesFrom: "-", in: strings.NewReader(b.again())}
	if err := again.readList(); err != nil || len(again.rows) != len(want) {
		t.Fatalf("%+v, %v", again.rows, err)
	}
	for i, r := range again.rows {
		if r.File != want[i] {
			t.Errorf("%q, want %q", r.File, want[i])
		}
	}
}

// What --failed writes is what --files-from reads, until nothing is left.
func TestFailedFilesAreTriedAgain(t *testing.T) {
	s, env := serving(t)
	dir := tree(t, "a.pdf", "b.pdf", "bad.gif", "z.pdf")
	list := filepath.Join(t.TempDir(), "list")
	s.Fail(commboxtest.Status(501).ForFile("b.pdf").Forever(),
		commboxtest.Status(429, commboxtest.Header("Retry-After", "3600")).ForFile("z.pdf").Forever())
	got := call(t, env, "upload", "--workers", "1", "--failed", list, dir)
	again, err := os.ReadFile(list)
	if err != nil || got.code != exitTryAgain || string(again) != filepath.Join(dir, "z.pdf")+"\n" {
		t.Fatalf("exit %d, to be tried again: %q, %v\n%s", got.code, again, err, got.out)
	}
	s.Recover()
	got = call(t, env, "upload", "--failed", list, "--files-from", list)
	again, err = os.ReadFile(list)
	if err != nil || got.code != exitOK || len(again) != 0 || len(s.Uploads()) != 2 {
		t.Errorf("exit %d, to be tried again: %q, %v\n%s%s", got.code, again, err, got.out, got.err)
	}
}

// The files that a refused key kept from being tried are in the list.
func TestFailedHasWhatWasNotTried(t *testing.T) {
	s, env := serving(t)
	s.Fail(commboxtest.Status(403).Forever())
	dir := tree(t, "a.pdf", "b.pdf", "c.pdf")
	list := filepath.Join(t.TempDir(), "list")
	got := call(t, env, "upload", "--failed", list, dir)
	again, err := os.ReadFile(list)
	if err != nil || got.code != exitRefused || strings.Count(string(again), "\n") != 3 || len(s.Requests()) != 1 {
		t.Errorf("exit %d after %d requests: %q, %v", got.code, len(s.Requests()), again, err)
	}
}

// Nobody wants to wait two minutes for each file to learn that it is too early.
func TestUploadStopsIfCommBoxWantsAPauseOfHours(t *testing.T) {
	s, env := serving(t)
	s.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "7200")).Forever())
	list := filepath.Join(t.TempDir(), "list")
	got := call(t, env, "upload", "--failed", list, tree(t, "a.pdf", "b.pdf", "c.pdf"))
	again, err := os.ReadFile(list)
	if err != nil || got.code != exitTryAgain || strings.Count(string(again), "\n") != 3 || len(s.Requests()) != 1 {
		t.Errorf("exit %d after %d requests: %q, %v\n%s", got.code, len(s.Requests()), again, err, got.err)
	}
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	refused, busy, bad := &commbox.Error{StatusCode: 403}, &commbox.Error{StatusCode: 429}, &commbox.Error{StatusCode: 400}
	for _, tt := range []struct {
		errs []error
		want exitStatus
	}{
		{nil, exitOK},
		{[]error{nil, context.Canceled, busy}, exitInterrupted},
		{[]error{bad, nil}, exitFailed},
		{[]error{errors.New("no such file")}, exitFailed},
		{[]error{bad, busy, bad}, exitTryAgain},
		{[]error{busy, refused, bad}, exitRefused},
	} {
		status := exitOK
		for _, err := range tt.errs {
			status = max(status, statusOf(err))
		}
		if status != tt.want {
			t.Errorf("%v: %d, want %d", tt.errs, status, tt.want)
		}
	}
}

func TestBandwidth(t *testing.T) {
	s, env := serving(t)
	began := time.Now()
	file := filepath.Join(tree(t, "a.mp4"), "a.mp4")
	if err := os.Truncate(file, 300<<10); err != nil {
		t.Fatal(err)
	}
	got := call(t, env, "upload", "--bwlimit", "200K", "--quiet", file)
	if took := time.Since(began); got.code != exitOK || len(s.Uploads()) != 1 || took < time.Second || took > 10*time.Second {
		t.Errorf("exit %d after %v: %s", got.code, took, got.err)
	}
}

// An upload whose result cannot be kept ends the run, and is still told of.
func TestAJournalThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s, _ := serving(t)
	f, err := os.Create(filepath.Join(t.TempDir(), "journal"))
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	var out, errs strings.Builder
	b := batch{
		args: []string{tree(t, "a.pdf", "b.pdf")}, out: &out, err: &errs, workers: 1,
		client: s.Client(), stream: "s", journal: journal{f: f}, limit: rate.NewLimiter(rate.Inf, 0),
	}
	if err := b.find(); err != nil {
		t.Fatal(err)
	}
	err = b.run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "stopped") || len(s.Uploads()) != 1 || !strings.Contains(out.String(), s.Uploads()[0].ID) {
		t.Errorf("%v after %d uploads: %s%s", err, len(s.Uploads()), &out, &errs)
	}
}
