package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// record is a line of a journal: what became of one file. Path, Size, Modified,
// Stream and BaseURL together say which file and which channel.
type record struct {
	State       string    `json:"state"` // "done" or "failed"; stays the first field, see lineStarts
	Time        time.Time `json:"time"`
	Path        string    `json:"path"`
	Size        int64     `json:"size"`
	Modified    time.Time `json:"modified"`
	Stream      string    `json:"stream"`
	BaseURL     string    `json:"base_url"`
	ID          string    `json:"id,omitempty"`
	Filename    string    `json:"filename,omitempty"`
	ContentType string    `json:"content_type,omitempty"`
	Error       string    `json:"error,omitempty"`
}

const (
	stateDone   = "done"
	stateFailed = "failed"
)

// lineStarts is how a line begins. It tells a line that was cut in the writing
// from the contents of another file.
var lineStarts = [...]string{`{"state":"done","time":"`, `{"state":"failed","time":"`}

// idLifetime is how long WhatsApp keeps an uploaded file (Meta, Cloud API media
// documentation). An older line no longer counts as done.
const idLifetime = 30 * 24 * time.Hour

// lockWait is how long another run is given to end.
const lockWait = time.Second

// identify returns the record of the file at path for a channel, with nothing
// in it yet but what tells it from all others.
func identify(path string, info os.FileInfo, stream, baseURL string) (record, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return record{}, err
	}
	if !utf8.ValidString(abs) {
		abs = strconv.QuoteToASCII(abs) // JSON cannot carry the name as it is
	}
	// The same channel, encoded or not, is the same channel here, too.
	if raw, err := url.PathUnescape(stream); err == nil {
		stream = raw
	}
	return record{
		Path:     abs,
		Size:     info.Size(),
		Modified: info.ModTime().UTC(),
		Stream:   stream,
		BaseURL:  strings.TrimRight(baseURL, "/"),
	}, nil
}

// digest is a record's identity, in a size that a million of can be held.
type digest [16]byte

func (r record) digest() digest {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %d %q %q", r.Path, r.Size, r.Modified.UnixNano(), r.Stream, r.BaseURL))
	return digest(sum[:16])
}

// journal is a file of records, one JSON object per line, that is only ever
// appended to. It is safe for concurrent use, and locked against other
// processes.
type journal struct {
	f    *os.File
	mu   sync.Mutex
	end  int64            // where the next line begins
	done map[digest]int64 // where the line of a finished file begins
	err  error            // the first failed write; nothing is written after it
}

// openJournal opens the journal at path, or makes it. A last line that was cut
// in the writing is taken away; a file that is no journal is left as it is and
// refused.
func openJournal(path string, now time.Time) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &journal{f: f, done: make(map[digest]int64)}
	// A run that was killed a moment ago may still be on its way out.
	for tries := 20; ; tries-- {
		if err = lock(f); err == nil || tries == 0 {
			break
		}
		time.Sleep(lockWait / 20)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("journal %s: in use by another run: %w", path, err)
	}
	if err := j.load(now); err != nil {
		f.Close()
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return j, nil
}

// load reads the lines and mends the end of the file.
func (j *journal) load(now time.Time) error {
	lines := bufio.NewReader(j.f)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		var r record
		switch whole := err == nil; {
		case !whole && len(line) == 0:
			return nil
		case json.Unmarshal(line, &r) == nil && (r.State == stateDone || r.State == stateFailed):
			if r.State == stateDone && now.Sub(r.Time) < idLifetime {
				j.done[r.digest()] = j.end
			}
			j.end += int64(len(line))
			if !whole { // cut just before its end
				return j.append([]byte("\n"))
			}
		case !whole && cutLine(line):
			return j.f.Truncate(j.end)
		default:
			return fmt.Errorf("line %d is not one of a journal; is this the right file?", n)
		}
	}
}

// cutLine reports whether b is the beginning of a line of a journal.
func cutLine(b []byte) bool {
	for _, start := range lineStarts {
		if n := min(len(b), len(start)); string(b[:n]) == start[:n] {
			return true
		}
	}
	return false
}

// finished returns the line that holds the file of id as done.
func (j *journal) finished(id record) (record, bool, error) {
	j.mu.Lock()
	at, ok := j.done[id.digest()]
	j.mu.Unlock()
	if !ok {
		return record{}, false, nil
	}
	var r record
	err := json.NewDecoder(io.NewSectionReader(j.f, at, 1<<20)).Decode(&r)
	if err != nil {
		return record{}, false, fmt.Errorf("journal: %w", err)
	}
	return r, true, nil
}

// add appends a line and returns when it is on the disk.
func (j *journal) add(r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	at := j.end
	if err := j.append(append(line, '\n')); err != nil {
		// What is there of the line is for the next start to mend.
		j.err = fmt.Errorf("journal: %w", err)
		return j.err
	}
	if r.State == stateDone {
		j.done[r.digest()] = at
	}
	return nil
}

// append writes b at the end in one call and waits until it is on the disk.
func (j *journal) append(b []byte) error {
	if _, err := j.f.Write(b); err != nil {
		return err
	}
	j.end += int64(len(b))
	return j.f.Sync()
}

// Close also gives the lock back.
func (j *journal) Close() error { return j.f.Close() }
