package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/commbox-go/client/commbox"
)

// Job is one file to upload.
type Job struct {
	ID       string // tells it from others, and names its result
	StreamID string // of CommBox: the channel
	Path     string // that every worker can open
}

// newJob makes the job of a file. The same state of the same file for the same
// channel is the same job, however often it is enqueued.
func newJob(streamID, path string) (Job, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Job{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return Job{}, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %d", streamID, path, info.Size(), info.ModTime().UnixNano()))
	return Job{ID: hex.EncodeToString(sum[:16]), StreamID: streamID, Path: path}, nil
}

// file is what the job uploads. Files in an object store would be opened here,
// by a commbox.File with an Open of its own.
func (j Job) file() commbox.File { return commbox.FromPath(j.Path) }

// Result is the end of a job: a media ID, or the reason why there is none.
type Result struct {
	Job        Job
	MediaID    string    `json:",omitempty"`
	Reason     string    `json:",omitempty"`
	Deliveries uint64    // how often a worker took the job
	Worker     string    // the last one: host and process
	Time       time.Time // of the record
}
