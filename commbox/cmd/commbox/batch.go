package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/commbox-go/client/commbox"
)

// batch is one run over the files of a command line. What it holds at a time
// does not depend on how many files there are.
type batch struct {
	args    uploadArgs
	std     streams
	target  target
	journal *journal // nil without --journal
	display display
	sink    sink
	abort   context.CancelFunc

	accepted chan struct{} // closed when the first upload shows that the key is good
	accept   func()        // closes it

	mu       sync.Mutex // the source of files and the results meet below
	begun    map[int]source
	tally    tally
	failures failures
	advice   []string
	status   exitStatus
	found    int      // files that were taken from the source
	again    []string // files that another run may upload, for --failed
	broken   error    // the journal or standard output cannot be written
	drained  bool     // the source has no more files
}

// source is a file that was handed to the client.
type source struct {
	n    int // its place among all files, skipped ones included
	path string
	id   record // for the journal
}

func newBatch(a uploadArgs, t target, j *journal, std streams) *batch {
	b := &batch{args: a, std: std, target: t, journal: j, begun: make(map[int]source)}
	b.accepted = make(chan struct{})
	b.accept = sync.OnceFunc(func() { close(b.accepted) })
	b.display = newDisplay(a, std, b.measure)
	if a.json {
		b.sink = jsonLines{std.out}
	} else {
		b.sink = &table{out: std.out, window: func() int { return terminalWidth(std.out) }, pause: b.display.pause, dryRun: a.dryRun}
	}
	return b
}

// upload runs the batch and returns the exit status as an error.
func (b *batch) upload(ctx context.Context) error {
	began := time.Now()
	running, abort := context.WithCancel(ctx)
	defer abort()
	b.abort = abort
	for r := range b.target.client.UploadAll(running, b.target.stream, b.files(running), b.args.workers) {
		b.ended(ctx, r)
	}
	b.display.close()

	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.sink.flush(); err != nil && b.broken == nil {
		b.broken = fmt.Errorf("standard output: %w", err)
	}
	if err := b.writeFailed(); err != nil && b.broken == nil {
		b.broken = err
	}
	b.conclude(ctx, time.Since(began))
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case b.broken != nil:
		return exitFailed
	case b.status != exitOK:
		return b.status
	default:
		return nil
	}
}

// files finds the files and settles those that need no upload.
func (b *batch) files(ctx context.Context) iter.Seq[commbox.File] {
	return func(yield func(commbox.File) bool) {
		given := 0
		for e := range b.args.sources() {
			if ctx.Err() != nil {
				return
			}
			s := source{n: b.found, path: e.path}
			if e.err != nil {
				b.settle(row{n: s.n, file: s.path, size: -1, err: e.err})
				b.take(nil, given)
				continue
			}
			if b.skip(&s) {
				b.take(nil, given)
				continue
			}
			if given > 0 && !b.keyAccepted(ctx) {
				return
			}
			b.take(&s, given)
			file := b.open(s.path)
			file.Progress = b.watch(given, b.display.begin(s.n, s.path, file.Size))
			given++
			if !yield(file) {
				return
			}
		}
		b.mu.Lock()
		b.drained = true
		b.mu.Unlock()
	}
}

// take notes that a file has left the source, and if the client gets it, which.
func (b *batch) take(s *source, given int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.found++
	if s != nil {
		b.begun[given] = *s
	}
}

// keyAccepted waits for the first upload to show whether the key is any good:
// one that is refused fails every file.
func (b *batch) keyAccepted(ctx context.Context) bool {
	select {
	case <-b.accepted:
	case <-ctx.Done():
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status != exitRefused
}

// announced is the size from which on the client asks the server before it
// sends a file.
const announced = 1 << 20

// watch has the first file tell that it may be sent: a large one need not end
// before the others begin.
func (b *batch) watch(given int, progress func(sent, total int64)) func(sent, total int64) {
	if given > 0 {
		return progress
	}
	return func(sent, total int64) {
		if sent > 0 && total >= announced {
			b.accept()
		}
		if progress != nil {
			progress(sent, total)
		}
	}
}

func (b *batch) open(path string) commbox.File {
	if path == "-" {
		return commbox.FromReader(b.args.name, b.std.in)
	}
	return commbox.FromPath(path)
}

// skip fills in what the journal needs to know of s, and reports whether the
// journal holds s as done.
func (b *batch) skip(s *source) bool {
	if b.journal == nil || s.path == "-" {
		return false
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return false // the client will say it better
	}
	if s.id, err = identify(s.path, info, b.target.stream, b.target.baseURL); err != nil {
		b.stop(err)
		return false
	}
	done, ok, err := b.journal.finished(s.id)
	if err != nil {
		b.stop(err)
	}
	if ok {
		b.settle(row{n: s.n, file: s.path, id: done.ID, filename: done.Filename,
			contentType: done.ContentType, size: done.Size, already: true})
	}
	return ok
}

// ended notes a result of the client: in the journal, then for the user.
func (b *batch) ended(ctx context.Context, result commbox.Result) {
	b.mu.Lock()
	s := b.begun[result.Index]
	delete(b.begun, result.Index)
	b.mu.Unlock()

	r := row{n: s.n, file: s.path, filename: result.File.Name, contentType: result.File.ContentType,
		size: result.File.Size, err: result.Err}
	var failure *commbox.Error
	switch {
	case result.Media != nil:
		m := result.Media
		r.id, r.contentType, r.size, r.attempts = m.ID, m.ContentType, m.Size, m.Attempts
		if m.Filename != "" {
			r.filename = m.Filename
		}
	case errors.As(result.Err, &failure):
		r.attempts = failure.Attempts
	}
	if r.err == nil || ctx.Err() == nil {
		b.note(s, r)
	}
	if b.args.dryRun {
		r.id, r.attempts = "", 0
	}
	b.settle(r)
	b.accept()
}

// note appends r to the journal.
func (b *batch) note(s source, r row) {
	if s.id.Path == "" || b.args.dryRun {
		return
	}
	line := s.id
	line.State, line.Time = stateDone, time.Now().UTC()
	line.ID, line.Filename, line.ContentType = r.id, r.filename, r.contentType
	if r.err != nil {
		line.State, line.Error = stateFailed, reason(r.err)
	}
	if err := b.journal.add(line); err != nil {
		b.stop(err)
	}
}

// settle tells the user what became of a file.
func (b *batch) settle(r row) {
	b.display.end(r)
	b.mu.Lock()
	b.tally.count(r)
	b.failures.add(r)
	b.status = b.status.worse(r.err)
	if _, again := commbox.RetryLater(r.err); r.file != "-" && (again || refusedKey(r.err) || errors.Is(r.err, context.Canceled)) {
		b.again = append(b.again, r.file)
	}
	if hint := advice(r.err); hint != "" && !slices.Contains(b.advice, hint) {
		b.advice = append(b.advice, hint)
	}
	err := b.sink.add(r)
	b.mu.Unlock()
	if err != nil {
		b.stop(fmt.Errorf("standard output: %w", err))
	}
}

// stop ends the batch: an upload whose result cannot be kept is lost work.
func (b *batch) stop(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken == nil {
		b.broken = err
	}
	b.abort()
}

// conclude says on standard error how the batch went and what to do next.
func (b *batch) conclude(ctx context.Context, took time.Duration) {
	say := func(format string, args ...any) { fmt.Fprintf(b.std.err, format+"\n", args...) }
	if b.broken != nil {
		say("stopped: %v", b.broken)
	}
	fmt.Fprint(b.std.err, b.failures.String())
	for _, hint := range b.advice {
		say("%s", hint)
	}
	if b.args.quiet {
		return
	}
	switch {
	case ctx.Err() != nil:
		say("interrupted: running uploads were ended, files not yet begun were left out")
	case b.status == exitRefused && !b.drained:
		say("stopped at the refused key: further files were not tried")
	case b.tally == tally{}:
		say("nothing to upload: no files there; hidden files are skipped, and folders inside a folder need --recursive")
		return
	}
	say("%s", b.tally.summary(b.args.dryRun, took))
}

// measure finds out how much there is to do, until stop is closed.
func (b *batch) measure(stop <-chan struct{}) (files int, bytes int64) {
	for e := range b.args.sources() {
		select {
		case <-stop:
			return 0, 0
		default:
		}
		files++
		if info, err := os.Stat(e.path); err == nil && e.err == nil {
			bytes += info.Size()
		}
	}
	return files, bytes
}
