package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestPathsSurviveTheList(t *testing.T) {
	t.Parallel()
	want := []string{"a.pdf", "הצעת מחיר.pdf", `"quoted".pdf`, "two\nlines.pdf", " space ", "-x"}
	var list strings.Builder
	for _, path := range want {
		list.WriteString(pathLine(path))
	}
	if got, err := readPaths(strings.NewReader(list.String())); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

// What --failed writes is what --files-from reads, until nothing is left.
func TestFailedFilesAreTriedAgain(t *testing.T) {
	t.Parallel()
	s, env := serving(t)
	dir := tree(t, "a.pdf", "b.pdf", "bad.gif", "z.pdf")
	list := filepath.Join(t.TempDir(), "list")
	s.Fail(commboxtest.Status(501).ForFile("b.pdf").Forever(),
		commboxtest.Status(429, commboxtest.Header("Retry-After", "3600")).ForFile("z.pdf").Forever())
	got := finish(t, command(t, env, "upload", "--workers", "1", "--failed", list, dir))
	again, err := os.ReadFile(list)
	if err != nil || got.code != exitTryAgain || string(again) != filepath.Join(dir, "z.pdf")+"\n" {
		t.Fatalf("exit %d, to be tried again: %q, %v\n%s", got.code, again, err, got.out)
	}
	s.Recover()
	got = finish(t, command(t, env, "upload", "--failed", list, "--files-from", list))
	again, err = os.ReadFile(list)
	if err != nil || got.code != exitOK || len(again) != 0 || len(s.Uploads()) != 2 {
		t.Errorf("exit %d, to be tried again: %q, %v\n%s%s", got.code, again, err, got.out, got.err)
	}
}

// The files that a refused key kept from being tried are in the list.
func TestFailedHasWhatWasNotTried(t *testing.T) {
	t.Parallel()
	s, env := serving(t)
	s.Fail(commboxtest.Status(403).Forever())
	dir := tree(t, "a.pdf", "b.pdf", "c.pdf")
	list := filepath.Join(t.TempDir(), "list")
	got := finish(t, command(t, env, "upload", "--failed", list, dir))
	again, err := os.ReadFile(list)
	if err != nil || got.code != exitRefused || strings.Count(string(again), "\n") != 3 || len(s.Requests()) != 1 {
		t.Errorf("exit %d after %d requests: %q, %v", got.code, len(s.Requests()), again, err)
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
		{[]error{nil, context.Canceled}, exitOK},
		{[]error{bad, nil}, exitFailed},
		{[]error{errors.New("no such file")}, exitFailed},
		{[]error{bad, busy, bad}, exitTryAgain},
		{[]error{busy, refused, bad}, exitRefused},
	} {
		status := exitOK
		for _, err := range tt.errs {
			status = status.worse(err)
		}
		if status != tt.want {
			t.Errorf("%v: %d, want %d", tt.errs, status, tt.want)
		}
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]rate{"1000": 1000, "500K": 500 << 10, "2m": 2 << 20, "1.5MiB": 3 << 19, "1GB": 1 << 30, "": 0, "0": 0, "-1": 0, "fast": 0, "1Q": 0, "1BK": 0} {
		var r rate
		if err := r.Set(in); (err != nil) != (want == 0) || r != want {
			t.Errorf("%q: %d, %v; want %d", in, r, err, want)
		}
	}
}
