package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// A journalled run of 200 files is killed at 50 random moments and started
// again each time.
func TestJournalledRunSurvivesKills(t *testing.T) {
	files, kills := 24, 4
	if long {
		files, kills = 200, 50
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	names := make([]string, files)
	for i := range names {
		names[i] = fmt.Sprintf("%03d הצעה.pdf", i)
	}
	dir := tree(t, names...)
	path := filepath.Join(t.TempDir(), "journal")
	s, env := serving(t)
	// The four workers get several files done before a kill, so that there
	// is still work to be killed at when the last kill comes.
	const each = 60 * time.Millisecond
	s.Fail(commboxtest.StallFor(0, each).Forever())

	watch := watchJournal(t, path)
	working := 0
	for range kills {
		held := doneInJournal(t, path)
		sent, requests := len(s.Uploads()), len(s.Requests())
		cmd := command(t, env, "upload", "--quiet", "--journal", path, dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if random.IntN(5) > 0 { // the fifth is killed while it starts
			awaitRequest(s, requests)
		}
		time.Sleep(time.Duration(random.Int64N(int64(4 * each))))
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if len(held) < files {
			working++
		}
		notSentAgain(t, s.Uploads()[sent:], held)
	}
	t.Logf("%d of %d kills came while there was work; %d files were done by then", working, kills, len(doneInJournal(t, path)))
	if working < kills/2 {
		t.Errorf("only %d kills came while there was work", working)
	}

	s.Recover()
	held := doneInJournal(t, path)
	sent := len(s.Uploads())
	if got := call(t, env, "upload", "--json", "--journal", path, dir); got.code != exitOK {
		t.Fatalf("the last run: exit %d, %s", got.code, got.err)
	}
	notSentAgain(t, s.Uploads()[sent:], held)
	watch()

	stored := make(map[string]string) // by media ID
	for _, u := range s.Uploads() {
		stored[u.ID] = u.FileName
	}
	done := doneInJournal(t, path)
	for _, name := range names {
		if id := done[name]; stored[id] != name {
			t.Errorf("%s: the journal has the ID %q, which is the file %q", name, id, stored[id])
		}
	}
	t.Logf("%d uploads for %d files", len(s.Uploads()), files)
}

// Until the end of the run, the list has every file that may be missing.
func TestAKilledRunHasListedItsFiles(t *testing.T) {
	t.Parallel()
	s, env := serving(t)
	s.Fail(commboxtest.Stall(0).Forever())
	list := filepath.Join(t.TempDir(), "list")
	cmd := command(t, env, "upload", "--failed", list, tree(t, "a.pdf", "b.pdf", "c.pdf"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	awaitRequest(s, 0)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if again, err := os.ReadFile(list); err != nil || strings.Count(string(again), "\n") != 3 {
		t.Errorf("the list is %q, %v", again, err)
	}
}

func notSentAgain(t *testing.T, uploads []commboxtest.Upload, held map[string]string) {
	t.Helper()
	for _, u := range uploads {
		if held[u.FileName] != "" {
			t.Errorf("%s was sent although the journal held it as done", u.FileName)
		}
	}
}

// doneInJournal reads the journal as anyone would: whole lines of JSON. It
// returns the media IDs by file name.
func doneInJournal(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	if cut := string(data[len(whole):]); !strings.HasPrefix(cut, lineStart) && !strings.HasPrefix(lineStart, cut) {
		t.Errorf("the journal ends with %q", cut)
	}
	done := make(map[string]string)
	for line := range bytes.Lines(whole) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Errorf("a line of the journal cannot be read: %q: %v", line, err)
		}
		done[filepath.Base(r.Path)] = r.ID
	}
	return done
}

// watchJournal reads the journal again and again until the function that it
// returns is called.
func watchJournal(t *testing.T, path string) (stop func()) {
	t.Helper()
	var reading sync.WaitGroup
	end := make(chan struct{})
	reading.Go(func() {
		for {
			select {
			case <-end:
				return
			case <-time.After(5 * time.Millisecond):
				doneInJournal(t, path)
			}
		}
	})
	return func() {
		close(end)
		reading.Wait()
	}
}

// awaitRequest waits for a request after the first n, but not for long: a run
// that finds nothing to do makes none.
func awaitRequest(s *commboxtest.Server, n int) {
	for deadline := time.Now().Add(2 * time.Second); len(s.Requests()) <= n && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
}
