package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/commbox-go/client/commbox/wire"
)

// identity identifies the file and the channel of a line in a journal. Modified is in
// UTC, so that equal times are equal values.
type identity struct {
	Path     string    `json:"path"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Stream   string    `json:"stream"`
	BaseURL  string    `json:"base_url"`
}

// record is a line of a journal: a file that was uploaded.
type record struct {
	State string    `json:"state"` // "done"; must be the first field, see lineStart
	Time  time.Time `json:"time"`
	identity
	ID          string `json:"id,omitempty"`
	Filename    string `json:"filename,omitempty"`
	ContentType string `json:"content_type,omitempty"`
}

// lineStart is the beginning of every line. It shows that an incomplete line is from a
// journal, and not from another kind of file.
const lineStart = `{"state":"done","time":"`

// maxLine is longer than any line, in bytes: a path has at most 4 KiB, which JSON can
// make six times as long.
const maxLine = 64 << 10

// idLifetime is how long WhatsApp keeps an uploaded file (Meta, Cloud API media
// documentation). An older line no longer counts as done.
const idLifetime = 30 * 24 * time.Hour

// identify returns the identity of the file at path for a channel.
func identify(path string, info os.FileInfo, stream, baseURL string) identity {
	path, _ = filepath.Abs(path) // without a working directory it is empty, and add ignores it
	stream, _ = wire.ID(stream)  // a raw and an encoded ID are the same channel; upload has checked it
	// JSON has no bytes that are not UTF-8, and no year after 9999.
	modified := time.Unix(0, info.ModTime().UnixNano()).UTC()
	return identity{printable(path), info.Size(), modified, stream, strings.TrimRight(baseURL, "/")}
}

// journal is a file of records, one JSON object per line. Lines are only appended. The
// file is locked against other processes until Close. The zero value is empty and
// ignores what is added.
type journal struct {
	f    *os.File
	lock *flock.Flock
	done map[identity]record
}

// openJournal opens the journal at path. If path does not exist, not even as a link, it
// makes an empty journal. It refuses a pipe, which would block. It removes an incomplete
// last line. If the file is not a journal, it returns an error and leaves the file as it
// is.
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
	if runtime.GOOS == "windows" { // a locked file cannot be read there
		lock += ".lock"
	}
	j.lock = flock.New(lock)
	err = errors.New("in use by another run, or not to be locked")
	if ours, _ := j.lock.TryLock(); ours {
		err = j.load(now)
	}
	if err != nil {
		j.Close()
	}
	return j, err
}

// Close closes the file and releases the lock.
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
		case cut && end > 0: // a power failure can leave NULs in place of a line
			line = bytes.TrimRight(line, "\x00")
		}
		var r record
		switch {
		case json.Unmarshal(line, &r) == nil && r.State == "done":
			// Ignore a line from the future, but allow for a minute of clock error.
			if age := now.Sub(r.Time); age > -time.Minute && age < idLifetime {
				j.done[r.identity] = r
			}
			end += int64(len(line))
			if cut { // only the newline is missing
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

// add appends a line for a file that has an ID, and returns when the line is on disk. If
// a write fails, the next run removes the incomplete line.
func (j journal) add(r *row) error {
	if j.f == nil || r.ID == "" || r.id.Path == "" {
		return nil
	}
	line, _ := json.Marshal(record{"done", time.Now().UTC(), r.id, r.ID, r.Filename, r.ContentType}) // every field can be JSON
	_, err := j.f.Write(append(line, '\n'))
	return errors.Join(err, j.f.Sync())
}
