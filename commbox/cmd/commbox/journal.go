package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// identity says which file and which channel a line of a journal is about.
// Modified is in UTC, so that equal times are equal values.
type identity struct {
	Path     string    `json:"path"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Stream   string    `json:"stream"`
	BaseURL  string    `json:"base_url"`
}

// record is a line of a journal: a file that was uploaded.
type record struct {
	State string    `json:"state"` // "done"; stays the first field, see lineStart
	Time  time.Time `json:"time"`
	identity
	ID          string `json:"id,omitempty"`
	Filename    string `json:"filename,omitempty"`
	ContentType string `json:"content_type,omitempty"`
}

// lineStart is how a line begins. It tells a line that was cut in the writing
// from the contents of another file.
const lineStart = `{"state":"done","time":"`

// maxLine is more than a record can take: a path has at most 4 KiB, which JSON
// makes six times as long.
const maxLine = 64 << 10

// idLifetime is how long WhatsApp keeps an uploaded file (Meta, Cloud API media
// documentation). An older line no longer counts as done.
const idLifetime = 30 * 24 * time.Hour

// identify returns the identity of the file at path for a channel.
func identify(path string, info os.FileInfo, stream, baseURL string) identity {
	if abs, err := filepath.Abs(path); err == nil { // else there is no working directory
		path = abs
	}
	// The same channel, encoded or not, is the same channel here, too.
	if raw, err := url.PathUnescape(stream); err == nil {
		stream = raw
	}
	return identity{strings.ToValidUTF8(path, "\ufffd"), info.Size(), info.ModTime().UTC(), stream, strings.TrimRight(baseURL, "/")}
}

// journal is a file of records, one JSON object per line, that is only ever
// appended to. It is locked against other processes until it is closed. The zero
// value holds nothing and keeps nothing.
type journal struct {
	f    *os.File
	lock *flock.Flock
	done map[identity]record
}

// openJournal opens the journal at path, or makes it where there is nothing, not
// even a link. It never waits, as opening a pipe would. A last line that was cut
// in the writing is taken away; a file that is no journal is left as it is and
// refused.
func openJournal(path string, now time.Time, warn io.Writer) (j journal, err error) {
	flags := os.O_RDWR | os.O_APPEND
	info, err := os.Stat(path)
	switch {
	case err != nil:
		flags |= os.O_CREATE | os.O_EXCL
	case !info.Mode().IsRegular():
		return j, errors.New("it is no regular file")
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0:
		fmt.Fprintf(warn, "warning: others can write the journal %s (%v): they decide what is left out; chmod 600 it\n", path, info.Mode())
	}
	j.done = make(map[identity]record)
	if j.f, err = os.OpenFile(path, flags, 0o600); err != nil {
		return j, err
	}
	lock := path
	if runtime.GOOS == "windows" { // where nobody can read what is locked
		lock += ".lock"
	}
	j.lock = flock.New(lock)
	if ours, _ := j.lock.TryLock(); !ours {
		err = errors.New("in use by another run, or not to be locked")
	} else {
		err = j.load(now)
	}
	if err != nil {
		j.Close()
	}
	return j, err
}

// Close also gives the lock back.
func (j journal) Close() error { return errors.Join(j.f.Close(), j.lock.Close()) }

// load reads the lines and repairs the end of the file.
func (j journal) load(now time.Time) error {
	end := int64(0) // of the lines read so far
	lines := bufio.NewReaderSize(j.f, maxLine)
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		cut := errors.Is(err, io.EOF)
		switch {
		case cut && len(line) == 0:
			return nil
		case err != nil && !cut && !errors.Is(err, bufio.ErrBufferFull):
			return err
		case cut && end > 0: // a power cut can leave a tail of NULs where a line was to be
			line = bytes.TrimRight(line, "\x00")
		}
		var r record
		switch {
		case json.Unmarshal(line, &r) == nil && r.State == "done":
			// What claims to come from the future claims more than it can know; a minute is
			// left to clocks that are set.
			if age := now.Sub(r.Time); age > -time.Minute && age < idLifetime {
				j.done[r.identity] = r
			}
			end += int64(len(line))
			if cut { // just before its end
				if err = j.f.Truncate(end); err == nil {
					_, err = j.f.WriteString("\n")
				}
				return err
			}
		case cut && (bytes.HasPrefix(line, []byte(lineStart)) || strings.HasPrefix(lineStart, string(line))):
			return j.f.Truncate(end)
		default:
			return fmt.Errorf("line %d is not one of a journal; is this the right file?", n)
		}
	}
}

// add appends the line of a file that has an ID and returns when it is on the disk.
// What a failed write leaves of the line is for the next start to repair.
func (j journal) add(r *row) error {
	if j.f == nil || r.ID == "" || r.id.Path == "" {
		return nil
	}
	line, _ := json.Marshal(record{"done", time.Now().UTC(), r.id, r.ID, r.Filename, r.ContentType}) // JSON knows all of it
	_, err := j.f.Write(append(line, '\n'))
	return errors.Join(err, j.f.Sync())
}
