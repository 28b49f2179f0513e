package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// The tests of the journal are not parallel: a process that another test starts
// holds its lock for a moment.

// sample returns an uploaded file that is told from others by n.
func sample(t *testing.T, n int) *row {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, fmt.Sprintf("הצעה %d.pdf", n))
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return &row{ID: fmt.Sprintf("id-%d", n), id: identify(path, info, "abc==", "https://api.commbox.io/")}
}

func open(t *testing.T, path string) journal {
	t.Helper()
	j, err := openJournal(path, time.Now(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func has(t *testing.T, j journal, r *row) bool {
	t.Helper()
	got, ok := j.done[r.id]
	if ok && got.ID != r.ID {
		t.Errorf("the journal gives %s for %s", got.ID, r.ID)
	}
	return ok
}

func TestJournalHoldsWhatIsDone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	done, other := sample(t, 1), sample(t, 2)
	j := open(t, path)
	if err := j.add(done); err != nil {
		t.Fatal(err)
	}
	j.Close()

	j = open(t, path)
	if !has(t, j, done) || has(t, j, other) {
		t.Error("opened again: want the finished file and not the other one")
	}
}

func TestJournalTellsFilesApart(t *testing.T) {
	r := sample(t, 1).id
	for what, change := range map[string]func(*identity){
		"another path":    func(r *identity) { r.Path += "x" },
		"another size":    func(r *identity) { r.Size++ },
		"touched":         func(r *identity) { r.Modified = r.Modified.Add(time.Nanosecond) },
		"another stream":  func(r *identity) { r.Stream = "other" },
		"another service": func(r *identity) { r.BaseURL = "https://example.com" },
	} {
		other := r
		change(&other)
		if other == r {
			t.Errorf("%s: taken for the same upload", what)
		}
	}
}

// Names need not be UTF-8, and a file can be from the year 14645.
func TestJournalHoldsAnyPathAndTime(t *testing.T) {
	info, err := fstest.MapFS{"x": {ModTime: time.Unix(4e11, 0)}}.Stat("x")
	if err != nil {
		t.Fatal(err)
	}
	uploaded := func(path string) *row {
		return &row{ID: path[1:2], id: identify(path, info, "abc", "https://api.commbox.io/")}
	}
	done, other := uploaded("/a\xff.pdf"), uploaded("/a\xfe.pdf")
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	if err := j.add(done); err != nil {
		t.Fatal(err)
	}
	j.Close()
	if j = open(t, path); !has(t, j, done) || has(t, j, other) {
		t.Errorf("want the finished file and not the other one: %v", j.done)
	}
}

func TestJournalKnowsAChannelInBothSpellings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	raw := identify(path, info, "abc==", "https://api.commbox.io/")
	encoded := identify(path, info, "abc%3d%3D", "https://api.commbox.io")
	if raw != encoded {
		t.Errorf("%+v and %+v are not the same upload", raw, encoded)
	}
}

// A process can be killed after any byte that it writes.
func TestJournalRepairsALineCutAnywhere(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	records := []*row{sample(t, 1), sample(t, 2), sample(t, 3)}
	j := open(t, whole)
	for _, r := range records[:2] {
		if err := j.add(r); err != nil {
			t.Fatal(err)
		}
	}
	j.Close()
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	second := bytes.IndexByte(data, '\n') + 1

	step := 5
	if long {
		step = 1
	}
	for cut := len(data); cut >= 0; cut -= step {
		path := filepath.Join(dir, "cut")
		if err := os.WriteFile(path, data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(path, time.Now(), io.Discard)
		if err != nil {
			t.Fatalf("cut after byte %d: %v", cut, err)
		}
		// A line counts when it is whole but for its line feed.
		if got, want := has(t, j, records[0]), cut >= second-1; got != want {
			t.Errorf("cut after byte %d: the first file is done: %v, want %v", cut, got, want)
		}
		if got, want := has(t, j, records[1]), cut >= len(data)-1; got != want {
			t.Errorf("cut after byte %d: the second file is done: %v, want %v", cut, got, want)
		}
		if err := j.add(records[2]); err != nil {
			t.Fatal(err)
		}
		j.Close()
		j, err = openJournal(path, time.Now(), io.Discard)
		if err != nil {
			t.Fatalf("cut after byte %d, repaired and opened again: %v", cut, err)
		}
		if !has(t, j, records[2]) {
			t.Errorf("cut after byte %d, repaired and opened again: a file is missing", cut)
		}
		j.Close()
	}
}

func TestJournalLeavesOtherFilesAlone(t *testing.T) {
	for name, data := range map[string]string{
		"text":              "dear reader\n",
		"text without end":  "dear reader",
		"other JSON lines":  "{\"level\":\"info\"}\n",
		"other JSON":        "{\"state\":\"open\"}",
		"binary":            "\x89PNG\r\n\x1a\n\x00\x00",
		"nonsense inside":   `{"state":"done"}` + "\nnonsense\n" + `{"state":"done"}` + "\n",
		"a cut line inside": `{"state":"do` + "\n" + `{"state":"done"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			j, err := openJournal(path, time.Now(), io.Discard)
			if err == nil {
				j.Close()
				t.Fatal("accepted as a journal")
			}
			if !strings.Contains(err.Error(), "is this the right file?") {
				t.Errorf("the error does not say what is wrong: %v", err)
			}
			if got, _ := os.ReadFile(path); string(got) != data {
				t.Errorf("the file was changed to %q", got)
			}
		})
	}
}

func TestJournalIsForOneRunAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	if second, err := openJournal(path, time.Now(), io.Discard); err == nil {
		second.Close()
		t.Error("two runs have the same journal open")
	} else if !strings.Contains(err.Error(), "in use") {
		t.Errorf("the error does not say why: %v", err)
	}
	j.Close()
	open(t, path)
}

// WhatsApp forgets a file after 30 days; its ID is then worth nothing.
func TestJournalForgetsExpiredIDs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	r := sample(t, 1)
	if err := j.add(r); err != nil {
		t.Fatal(err)
	}
	j.Close()
	for age, want := range map[time.Duration]bool{29 * 24 * time.Hour: true, 31 * 24 * time.Hour: false} {
		j, err := openJournal(path, time.Now().Add(age), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if got := has(t, j, r); got != want {
			t.Errorf("after %v: done %v, want %v", age, got, want)
		}
		j.Close()
	}
}

// A write that fails half way, as on a full disk, ends the journal: a line
// after half a line could not be read.
func TestJournalStopsAtAFailedWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	first, second := sample(t, 1), sample(t, 2)
	if err := j.add(first); err != nil {
		t.Fatal(err)
	}
	j.f.Close()
	if err := j.add(second); err == nil {
		t.Fatal("a failed write is not reported")
	}
}
