package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// line is r as the journal has it.
func line(t *testing.T, r record) []byte {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

// After a power cut a file can end in NULs where a line was to be.
func TestJournalGoesOnAfterATailOfNULs(t *testing.T) {
	t.Parallel()
	first, second := sample(t, 1, stateDone), sample(t, 2, stateDone)
	nuls := make([]byte, 4096)
	whole := line(t, first)
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
			j, err := openJournal(t.Context(), path, time.Now())
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
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	r := sample(t, 1, stateDone)
	r.Time = time.Now().Add(time.Hour)
	if err := os.WriteFile(path, line(t, r), 0o600); err != nil {
		t.Fatal(err)
	}
	if has(t, open(t, path), r) {
		t.Error("a file that will be uploaded in an hour counts as done")
	}
}

func TestJournalRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		create func(path string) error
		want   string
	}{
		"a folder":        {func(path string) error { return os.Mkdir(path, 0o700) }, "no regular file"},
		"an endless line": {func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("x"), 10*maxLine), 0o600) }, "is this the right file?"},
		"a dangling link": {func(path string) error { return os.Symlink(path+"-target", path) }, "leads nowhere"},
		"a pipe":          {makePipe, "no regular file"},
		"only NULs":       {func(path string) error { return os.WriteFile(path, make([]byte, 100), 0o600) }, "is this the right file?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "journal")
			if err := tt.create(path); err != nil {
				t.Skip(err)
			}
			_, err := openJournal(t.Context(), path, time.Now())
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
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	path := filepath.Join(t.TempDir(), "journal")
	if j := open(t, path); j.warning != "" {
		t.Errorf("a new journal: %s", j.warning)
	}
	open(t, path+"2").Close()
	if err := os.Chmod(path+"2", 0o666); err != nil {
		t.Fatal(err)
	}
	if j := open(t, path+"2"); !strings.Contains(j.warning, "others can write") {
		t.Errorf("the warning is %q", j.warning)
	}
}
