package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
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

	warning string // what the user must know of the file
}

// openJournal opens the journal at path, or makes it. A last line that was cut
// in the writing is taken away; a file that is no journal is left as it is and
// refused.
func openJournal(ctx context.Context, path string, now time.Time) (*journal, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &journal{f: f, done: make(map[digest]int64)}
	if err := j.begin(ctx, now); err != nil {
		f.Close()
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return j, nil
}

// openRegular opens the file at path, or makes it where there is nothing, not
// even a link. It never waits, as opening a pipe would.
func openRegular(path string) (*os.File, error) {
	flags := os.O_RDWR | os.O_APPEND
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	case errors.Is(err, os.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return nil, fmt.Errorf("%s is a link that leads nowhere", path)
		}
		flags |= os.O_CREATE | os.O_EXCL
	case err != nil:
		return nil, err
	}
	return os.OpenFile(path, flags, 0o600)
}

// begin locks the journal and reads it.
func (j *journal) begin(ctx context.Context, now time.Time) error {
	info, err := j.f.Stat()
	if err != nil {
		return err
	}
	if mode := info.Mode(); runtime.GOOS != "windows" && mode.Perm()&0o022 != 0 {
		j.warning = fmt.Sprintf("warning: others can write the journal %s (%v): they decide what is left out; chmod 600 it", j.f.Name(), mode)
	}
	// A run that was killed a moment ago may still be on its way out.
	for tries := 20; ; tries-- {
		if err = lock(j.f); err == nil {
			return j.load(now)
		}
		if tries == 0 {
			return fmt.Errorf("in use by another run: %w", err)
		}
		select {
		case <-ctx.Done():
			return exitInterrupted
		case <-time.After(lockWait / 20):
		}
	}
}

// maxLine is more than a record can take: a path has at most 4 KiB, which JSON
// makes six times as long.
const maxLine = 64 << 10

// load reads the lines and repairs the end of the file.
func (j *journal) load(now time.Time) error {
	lines := bufio.NewReaderSize(j.f, maxLine)
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		whole := err == nil
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return notOne(n)
		case !whole && !errors.Is(err, io.EOF):
			return err
		}
		// A power cut can leave a tail of NULs where a line was to be.
		text := line
		if !whole && j.end > 0 {
			text = bytes.TrimRight(line, "\x00")
		}
		var r record
		switch {
		case !whole && len(line) == 0:
			return nil
		case json.Unmarshal(text, &r) == nil && (r.State == stateDone || r.State == stateFailed):
			if r.State == stateDone && r.current(now) {
				j.done[r.digest()] = j.end
			}
			j.end += int64(len(text))
			if !whole { // cut just before its end
				if err := j.f.Truncate(j.end); err != nil {
					return err
				}
				return j.append([]byte("\n"))
			}
		case !whole && cutLine(text):
			return j.f.Truncate(j.end)
		default:
			return notOne(n)
		}
	}
}

func notOne(n int) error {
	return fmt.Errorf("line %d is not one of a journal; is this the right file?", n)
}

// current reports whether the ID of r is still worth something. What claims to
// come from the future claims more than it can know; a minute is left to clocks
// that are set.
func (r record) current(now time.Time) bool {
	age := now.Sub(r.Time)
	return age > -time.Minute && age < idLifetime
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
	err := json.NewDecoder(io.NewSectionReader(j.f, at, maxLine)).Decode(&r)
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
		// What is there of the line is for the next start to repair.
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
