package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/internal/inspect"
)

// batch is one run of "commbox upload": its flags and arguments, and the rows of all
// files in the order in which they were found.
type batch struct {
	stream, name, journalFile, failed, filesFrom, bwlimit string
	workers                                               int
	json, demo, recursive, dryRun, quiet                  bool
	args                                                  []string

	in       io.Reader
	out, err io.Writer // for results; for everything else
	client   *commbox.Client
	baseURL  string // for the journal
	journal  journal
	limit    *rate.Limiter // in bytes per second
	progress *progress
	rows     []row
}

// row is a file and its result.
type row struct {
	File        string `json:"file"` // path as it was found, or - for standard input
	ID          string `json:"id,omitempty"`
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"bytes"`
	Attempts    int    `json:"attempts"`
	Already     bool   `json:"already_uploaded,omitempty"` // it is in the journal
	Error       string `json:"error,omitempty"`
	DryRun      bool   `json:"dry_run,omitempty"` // nothing was sent
	Warning     string `json:"warning,omitempty"` // in a dry run: why WhatsApp will probably refuse it

	err   error
	id    identity // for the journal
	ended bool
}

// outcome returns the result in a word or two. The summary says why a file failed.
func (r *row) outcome() string {
	switch {
	case !r.ended:
		return "not tried"
	case r.err != nil && r.DryRun:
		return "refused"
	case r.err != nil:
		return "failed"
	case r.Already:
		return "already uploaded"
	case r.Warning != "":
		return "with a warning"
	case r.ID == "":
		return "ok" // in a dry run
	default:
		return "uploaded"
	}
}

// run uploads the files and returns the exit status as an error.
func (b *batch) run(ctx context.Context) error {
	began := time.Now()
	b.progress = &progress{out: b.err, live: terminalWidth(b.err) > 0 && os.Getenv("TERM") != "dumb"}
	if b.quiet || b.dryRun { // a dry run takes no time
		b.progress = &progress{out: io.Discard}
	}
	err := b.upload(ctx)
	b.progress.without(func() { b.progress.live = false })
	var printed error
	if !b.json && len(b.rows) > 0 {
		_, printed = io.WriteString(b.out, table(b.rows, b.dryRun, terminalWidth(b.out)))
	}
	status := b.conclude(ctx, time.Since(began))
	if err = errors.Join(err, printed, b.list()); err != nil {
		return fmt.Errorf("stopped: %w", err)
	}
	return status
}

// upload uploads one file at a time, beginning with the smallest, until CommBox has
// answered, and then all others together. So a refused key, or none, costs one attempt, not
// one per worker. It also stops if CommBox asks for a pause of more than an hour. upload
// returns an error if results cannot be written.
func (b *batch) upload(ctx context.Context) error {
	var todo []*row
	for n := range b.rows {
		if r := &b.rows[n]; r.err == nil && !r.Already {
			todo = append(todo, r)
			if last := len(todo) - 1; r.Size < todo[0].Size {
				todo[0], todo[last] = todo[last], todo[0]
			}
		} else if err := b.settle(r); err != nil {
			return err
		}
	}
	b.progress.start(todo)
	for answered := false; len(todo) > 0; {
		rows := todo[:1]
		if answered {
			rows = todo
		}
		todo = todo[len(rows):]
		for result := range b.client.UploadAll(ctx, b.stream, b.sequence(ctx, rows), b.workers) {
			r := rows[result.Index]
			err := b.ended(r, result)
			if after, _ := commbox.RetryLater(r.err); err != nil || statusOf(r.err) == exitRefused || after > time.Hour {
				return err
			}
			answered = answered || r.err == nil || r.Attempts > 0
		}
	}
	return nil
}

func (b *batch) sequence(ctx context.Context, rows []*row) iter.Seq[commbox.File] {
	return func(yield func(commbox.File) bool) {
		for _, r := range rows {
			file := commbox.FromPath(r.File)
			if b.isStdin(r) {
				file = commbox.FromReader(b.name, b.in)
			}
			show := b.progress.begin(r)
			file.Progress = func(sent, _ int64) {
				_ = b.limit.WaitN(ctx, min(show(sent), b.limit.Burst())) // when ctx ends, so does the upload
			}
			if !yield(file) {
				return
			}
		}
	}
}

// ended records a result of the client in the journal, then reports it to the user.
func (b *batch) ended(r *row, result commbox.Result) error {
	r.Filename, r.err = result.File.Name, result.Err
	if m := result.Media; m != nil {
		r.ID, r.Filename, r.ContentType, r.Size, r.Attempts = m.ID, cmp.Or(m.Filename, r.Filename), m.ContentType, m.Size, m.Attempts
	} else if failure, ok := errors.AsType[*commbox.Error](r.err); ok {
		r.Attempts = failure.Attempts
	}
	if b.dryRun {
		r.ID, r.Attempts, r.Warning = "", 0, inspect.File(r.File, r.ContentType)
	}
	return errors.Join(b.journal.add(r), b.settle(r))
}

// settle reports the result of a file to the user.
func (b *batch) settle(r *row) (err error) {
	if r.ended, r.DryRun = true, b.dryRun; r.err != nil {
		r.Error = reason(r.err)
	}
	b.progress.end(r)
	if b.json {
		b.progress.without(func() { err = json.NewEncoder(b.out).Encode(r) })
	}
	return err
}

// list writes --failed. Before the run it lists all files, so that a run that is killed
// loses none.
func (b *batch) list() error {
	if b.failed == "" || b.dryRun {
		return nil
	}
	return os.WriteFile(b.failed, []byte(b.again()), 0o600)
}

// again lists the files that another run may upload, including those that were not tried.
func (b *batch) again() string {
	var list strings.Builder
	for _, r := range b.rows {
		path := r.File
		if strings.ContainsAny(path, "\"\r\n") {
			path = strconv.Quote(path)
		}
		if !b.isStdin(&r) && !r.Already && (!r.ended || statusOf(r.err) >= exitTryAgain) {
			list.WriteString(path + "\n")
		}
	}
	return list.String()
}

// conclude writes to standard error how the batch went and what to do next.
func (b *batch) conclude(ctx context.Context, took time.Duration) exitStatus {
	status, count, bytes := exitOK, make(map[string]int), make(map[string]int64)
	for _, r := range b.rows {
		status = max(status, statusOf(r.err))
		count[r.outcome()]++
		bytes[r.outcome()] += r.Size
	}
	summary := fmt.Sprintf("%d uploaded (%s), %d already uploaded, %d failed, in %s\n",
		count["uploaded"], sizeText(bytes["uploaded"]), count["already uploaded"], count["failed"], durationText(took))
	if b.dryRun {
		summary = fmt.Sprintf("dry run, nothing was sent: %d would be uploaded (%s), %d with a warning, %d already uploaded, %d refused\n",
			count["ok"], sizeText(bytes["ok"]), count["with a warning"], count["already uploaded"], count["refused"])
	}
	fmt.Fprint(b.err, problems(b.rows), nextSteps[status])
	switch {
	case ctx.Err() != nil:
		summary = "interrupted: running uploads were ended, files not yet begun were left out\n" + summary
	case len(b.rows) == 0:
		summary = "nothing to upload: no files there; hidden files are skipped, and folders inside a folder need --recursive\n"
	case count["not tried"] > 0:
		summary = fmt.Sprintf("stopped: %d files were not tried\n", count["not tried"]) + summary
	}
	if !b.quiet {
		fmt.Fprint(b.err, summary)
	}
	return status
}
