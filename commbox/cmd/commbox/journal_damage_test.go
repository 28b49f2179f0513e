package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// line is what the journal has of a file that was uploaded then.
func line(t *testing.T, r *row, then time.Time) []byte {
	t.Helper()
	b, err := json.Marshal(record{State: "done", Time: then, identity: r.id, ID: r.ID})
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

// After a power cut a file can end in NULs where a line was to be.
func TestJournalGoesOnAfterATailOfNULs(t *testing.T) {
	first, second := sample(t, 1), sample(t, 2)
	nuls := make([]byte, 4096)
	whole := line(t, first, time.Now())
	for name, data := range map[string][]byte{
		"after a line":          append(bytes.Clone(whole), nuls...),
		"after a cut line":      append(append(bytes.Clone(whole), `{"state":"do`...), nuls...),
		"after a line's object": append(append(bytes.Clone(whole), bytes.TrimSpace(whole)...), nuls...),
	} {
		path := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			j, err := openJournal(path, time.Now(), io.Discard)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !has(t, j, first) {
				t.Errorf("%s: the finished file is forgotten", name)
			}
			if err := j.add(second); err != nil {
				t.Fatal(err)
			}
			j.Close()
		}
	}
}

func TestJournalIgnoresWhatComesFromTheFuture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	r := sample(t, 1)
	if err := os.WriteFile(path, line(t, r, time.Now().Add(time.Hour)), 0o600); err != nil {
		t.Fatal(err)
	}
	if has(t, open(t, path), r) {
		t.Error("a file that will be uploaded in an hour counts as done")
	}
}

func TestJournalRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		create func(path string) error
		want   string
	}{
		"a folder":        {func(path string) error { return os.Mkdir(path, 0o700) }, "no regular file"},
		"an endless line": {func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("x"), 10*maxLine), 0o600) }, "is this the right file?"},
		"a dangling link": {func(path string) error { return os.Symlink(path+"-target", path) }, "exists"},
		"a pipe":          {makePipe, "no regular file"},
		"only NULs":       {func(path string) error { return os.WriteFile(path, make([]byte, 100), 0o600) }, "is this the right file?"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal")
			if err := tt.create(path); err != nil {
				t.Skip(err)
			}
			_, err := openJournal(path, time.Now(), io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("have %v, want %s", err, tt.want)
			}
			if _, err := os.Lstat(path + "-target"); err == nil {
				t.Error("a file was made through the link")
			}
		})
	}
}

func TestJournalWarnsOfOtherWriters(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	path := filepath.Join(t.TempDir(), "journal")
	warning := func() string {
		var warn strings.Builder
		j, err := openJournal(path, time.Now(), &warn)
		if err != nil {
			t.Fatal(err)
		}
		j.Close()
		return warn.String()
	}
	if got := warning(); got != "" {
		t.Errorf("a new journal: %s", got)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := warning(); !strings.Contains(got, "others can write") {
		t.Errorf("the warning is %q", got)
	}
}
