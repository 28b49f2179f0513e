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
	ID       string // unique; also the key of its result
	StreamID string // of the channel in CommBox
	Path     string // must be the same file for every worker
}

// newJob makes the job for a file. If neither the file nor the channel has changed, it
// makes the same job again.
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

// file returns the file to upload. For files in an object store, return a commbox.File
// with another Open here.
func (j Job) file() commbox.File { return commbox.FromPath(j.Path) }

// Result is the end of a job: a media ID, or the reason why there is none.
type Result struct {
	Job        Job
	MediaID    string    `json:",omitempty"`
	Reason     string    `json:",omitempty"`
	Deliveries uint64    // how often a worker took the job
	Worker     string    // the last worker: host and process
	Time       time.Time // when the result was recorded
}
