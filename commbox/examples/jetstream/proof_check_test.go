//go:build unix

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// checkProof holds the results against what CommBox has seen.
func checkProof(t *testing.T, server *commboxtest.Server, q *queue, jobs map[string]proofJob, inFlight int) {
	t.Helper()
	uploads := make(map[string][]commboxtest.Upload) // by stream
	for _, upload := range server.Uploads() {
		uploads[upload.StreamID] = append(uploads[upload.StreamID], upload)
	}
	lost := make(map[string]int)    // answers to uploads that were stored
	refused := make(map[string]int) // with a status that ends the job
	for _, request := range server.Requests() {
		stream := request.Path[strings.LastIndexByte(request.Path, '/')+1:]
		switch request.Fault {
		case commboxtest.LostAnswer().String(), commboxtest.Cut(20).String():
			lost[stream]++
		case commboxtest.Status(400).String():
			refused[stream]++
		}
	}

	results := readResults(t, q)
	if len(results) != len(jobs) {
		t.Errorf("%d results, want %d", len(results), len(jobs))
	}
	var media, reasons, lostAnswers, extra int
	for stream, job := range jobs {
		result, stored := results[job.ID], uploads[stream]
		switch {
		case result.MediaID != "" && result.Reason == "":
			media++
			if !isUpload(stored, result.MediaID, job.sum) {
				t.Errorf("%s: media ID %s is not one of %+v", stream, result.MediaID, stored)
			}
		case result.MediaID == "" && result.Reason != "":
			reasons++
			if refused[stream] != 1 {
				t.Errorf("%s: given up without a reason of CommBox: %s", stream, result.Reason)
			}
		default:
			t.Errorf("%s: result %+v", stream, result)
		}
		lostAnswers += lost[stream]
		if surplus := len(stored) - 1 - lost[stream]; surplus > 0 {
			extra += surplus
			if surplus > 1 {
				t.Errorf("%s: uploaded %d times, with %d lost answers and one kill", stream, len(stored), lost[stream])
			}
		}
	}
	if extra > inFlight {
		t.Errorf("%d files uploaded twice, the killed worker had at most %d", extra, inFlight)
	}
	t.Logf("%d media IDs, %d reasons; %d requests, %d uploads; %d answers lost, %d uploads lost with the killed worker",
		media, reasons, len(server.Requests()), len(server.Uploads()), lostAnswers, extra)
	if lostAnswers == 0 || reasons == 0 {
		t.Error("CommBox did not fail")
	}
}

func isUpload(uploads []commboxtest.Upload, id, sum string) bool {
	for _, upload := range uploads {
		if upload.ID == id && upload.SHA256 == sum {
			return true
		}
	}
	return false
}

// readResults returns the results by job, and demands that each was written once:
// the revisions of a bucket count its writes.
func readResults(t *testing.T, q *queue) map[string]Result {
	t.Helper()
	results := make(map[string]Result)
	watcher, err := q.bucket.WatchAll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = watcher.Stop() }()
	var last uint64
	for entry := range watcher.Updates() {
		if entry == nil {
			break
		}
		last = max(last, entry.Revision())
		var result Result
		if err := json.Unmarshal(entry.Value(), &result); err != nil {
			t.Errorf("result %s: %v", entry.Value(), err)
		}
		results[entry.Key()] = result
	}
	if last != uint64(len(results)) {
		t.Errorf("%d writes for %d results", last, len(results))
	}
	return results
}
