package commbox

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"sync"
	"sync/atomic"
)

// Result is the end of one file of UploadAll: Media or Err, an *Error.
type Result struct {
	Index int    // of the file in the sequence, from 0
	Path  string // that FromPath or FromFS was given; else empty
	File  File
	Media *Media
	Err   error
}

// UploadAll uploads files to a channel, up to workers of them at a time (at
// least one), and yields a Result for each file it takes from the sequence, in
// the order in which they are done. A failure does not stop the others, with
// one exception: after a 401, which no further file would survive either, no
// more files are taken. Neither are they once ctx has ended; who needs to know
// whether all files were taken asks ctx.Err.
//
// Files are taken one by one as workers become free, so that memory does not
// grow with their number, and by other goroutines than the one that ranges
// over the results. When that range ends, early or not, uploads under way have
// been cancelled and all goroutines have ended; it waits for the sequence of
// files if that is blocked. A panic of the sequence is one of the range.
func (c *Client) UploadAll(ctx context.Context, streamID string, files iter.Seq[File], workers int, opts ...RequestOption) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		next, stop := iter.Pull(files)
		q := &queue{next: next, idle: max(1, workers)}
		results := make(chan Result)
		left := make(chan struct{})
		upload := func(i int, file File) {
			media, err := c.UploadMedia(ctx, streamID, file, opts...)
			if e := (*Error)(nil); errors.As(err, &e) && e.StatusCode == http.StatusUnauthorized {
				q.closed.Store(true)
			}
			select {
			case results <- Result{Index: i, Path: file.path, File: file, Media: media, Err: err}:
			case <-left:
			}
		}
		q.work(ctx, upload)
		go func() {
			q.running.Wait()
			stop()
			close(results)
		}()
		defer func() {
			cancel()
			close(left)
			for range results { // until the goroutines have ended
			}
		}()
		for result := range results {
			if !yield(result) {
				return
			}
		}
		if q.panicked != nil {
			panic(q.panicked)
		}
	}
}

// queue hands out files, one at a time, to workers that come as they are
// needed.
type queue struct {
	running  sync.WaitGroup
	closed   atomic.Bool
	mu       sync.Mutex
	next     func() (File, bool)
	taken    int
	idle     int // workers that have not started
	panicked any
}

// work starts a worker. One that gets a file has another one started.
func (q *queue) work(ctx context.Context, do func(int, File)) {
	q.idle--
	q.running.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				q.closed.Store(true)
				q.mu.Lock()
				defer q.mu.Unlock()
				q.panicked = p
			}
		}()
		for {
			i, file, ok := q.take(ctx, do)
			if !ok {
				return
			}
			do(i, file)
		}
	})
}

func (q *queue) take(ctx context.Context, do func(int, File)) (index int, file File, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed.Load() || ctx.Err() != nil {
		return 0, File{}, false
	}
	if file, ok = q.next(); !ok {
		q.closed.Store(true)
		return 0, File{}, false
	}
	if q.idle > 0 {
		q.work(ctx, do)
	}
	q.taken++
	return q.taken - 1, file, true
}
