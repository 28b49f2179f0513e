package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sample returns a record that is told from others by n.
func sample(t *testing.T, n int, state string) record {
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
	r, err := identify(path, info, "abc==", "https://api.commbox.io/")
	if err != nil {
		t.Fatal(err)
	}
	r.State, r.Time, r.ID = state, time.Now().UTC(), fmt.Sprintf("id-%d", n)
	return r
}

func open(t *testing.T, path string) *journal {
	t.Helper()
	j, err := openJournal(t.Context(), path, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func has(t *testing.T, j *journal, r record) bool {
	t.Helper()
	got, ok, err := j.finished(r)
	if err != nil {
		t.Fatal(err)
	}
	if ok && got.ID != r.ID {
		t.Errorf("the journal gives %s for %s", got.ID, r.ID)
	}
	return ok
}

func TestJournalHoldsWhatIsDone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	done, failed := sample(t, 1, stateDone), sample(t, 2, stateFailed)
	j := open(t, path)
	for _, r := range []record{failed, done} {
		if err := j.add(r); err != nil {
			t.Fatal(err)
		}
	}
	if !has(t, j, done) || has(t, j, failed) {
		t.Error("while open: want the finished file and not the failed one")
	}
	j.Close()

	j = open(t, path)
	if !has(t, j, done) || has(t, j, failed) {
		t.Error("opened again: want the finished file and not the failed one")
	}
	if j.done == nil || len(j.done) != 1 {
		t.Errorf("%d files are done, want 1", len(j.done))
	}
}

func TestJournalTellsFilesApart(t *testing.T) {
	t.Parallel()
	r := sample(t, 1, stateDone)
	for what, change := range map[string]func(*record){
		"another path":    func(r *record) { r.Path += "x" },
		"another size":    func(r *record) { r.Size++ },
		"touched":         func(r *record) { r.Modified = r.Modified.Add(time.Nanosecond) },
		"another stream":  func(r *record) { r.Stream = "other" },
		"another service": func(r *record) { r.BaseURL = "https://example.com" },
	} {
		other := r
		change(&other)
		if other.digest() == r.digest() {
			t.Errorf("%s: taken for the same upload", what)
		}
	}
}

func TestJournalKnowsAChannelInBothSpellings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err1 := identify(path, info, "abc==", "https://api.commbox.io/")
	encoded, err2 := identify(path, info, "abc%3d%3D", "https://api.commbox.io")
	if err1 != nil || err2 != nil || raw.digest() != encoded.digest() {
		t.Errorf("%+v and %+v are not the same upload (%v, %v)", raw, encoded, err1, err2)
	}
}

// A process can be killed after any byte that it writes.
func TestJournalRepairsALineCutAnywhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	records := []record{sample(t, 1, stateDone), sample(t, 2, stateDone), sample(t, 3, stateDone)}
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

	for cut := range len(data) + 1 {
		path := filepath.Join(dir, "cut")
		if err := os.WriteFile(path, data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(t.Context(), path, time.Now())
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
		if !has(t, j, records[2]) {
			t.Errorf("cut after byte %d: a file that was added is not done", cut)
		}
		j.Close()
		j, err = openJournal(t.Context(), path, time.Now())
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
	t.Parallel()
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
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			j, err := openJournal(t.Context(), path, time.Now())
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
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	if second, err := openJournal(t.Context(), path, time.Now()); err == nil {
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
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	r := sample(t, 1, stateDone)
	if err := j.add(r); err != nil {
		t.Fatal(err)
	}
	j.Close()
	for age, want := range map[time.Duration]bool{29 * 24 * time.Hour: true, 31 * 24 * time.Hour: false} {
		j, err := openJournal(t.Context(), path, r.Time.Add(age))
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
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	first, second := sample(t, 1, stateDone), sample(t, 2, stateDone)
	if err := j.add(first); err != nil {
		t.Fatal(err)
	}
	j.f.Close()
	if err := j.add(second); err == nil {
		t.Fatal("a failed write is not reported")
	}
	if has := j.done[second.digest()]; has != 0 {
		t.Error("a file that is not in the journal counts as done")
	}
}
