package commbox

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"sync"
	"sync/atomic"
)

// Result is what became of one file of UploadAll. Either Media is set, or Err, which
// is an *Error.
type Result struct {
	Index int    // position of the file in the sequence, from 0
	Path  string // the name that FromPath or FromFS was given; else empty
	File  File
	Media *Media
	Err   error
}

// UploadAll uploads files to a channel and yields a Result for each file that it
// takes from the sequence, in the order in which the uploads end. At most workers
// uploads run at the same time; fewer than 1 means 1. A failure does not stop the
// other uploads. UploadAll stops taking files after a 401, because further uploads
// would fail too, and after ctx has ended. After the range, ctx.Err tells whether
// files may have been left out because ctx ended.
//
// Files are taken one at a time, when a worker is free, so memory does not grow
// with their number. The sequence runs in other goroutines than the range over the
// results. When the range ends, even early, running uploads have been cancelled and
// all goroutines have ended. The end of the range waits for a sequence that blocks.
// If the sequence panics, the range panics.
func (c *Client) UploadAll(ctx context.Context, streamID string, files iter.Seq[File], workers int, opts ...RequestOption) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		next, stop := iter.Pull(files)
		q := &queue{next: next}
		results := make(chan Result)
		defer func() {
			cancel()
			for range results { // until the goroutines have ended
			}
			stop()
			if p := q.panicked.Load(); p != nil {
				panic(*p)
			}
		}()
		var running sync.WaitGroup
		for range max(1, workers) {
			running.Go(func() {
				defer func() {
					if p := recover(); p != nil {
						q.closed.Store(true)
						q.panicked.Store(&p)
					}
				}()
				for r, ok := q.take(ctx); ok; r, ok = q.take(ctx) {
					r.Media, r.Err = c.UploadMedia(ctx, streamID, r.File, opts...)
					if e := (*Error)(nil); errors.As(r.Err, &e) && e.StatusCode == http.StatusUnauthorized {
						q.closed.Store(true)
					}
					results <- r
				}
			})
		}
		go func() {
			running.Wait()
			close(results)
		}()
		for result := range results {
			if !yield(result) {
				return
			}
		}
	}
}

// queue hands out files, one at a time.
type queue struct {
	closed   atomic.Bool         // no more files are wanted
	panicked atomic.Pointer[any] // what a worker panicked with
	mu       sync.Mutex
	next     func() (File, bool)
	taken    int
}

// take returns the next file, in a Result without Media or Err.
func (q *queue) take(ctx context.Context) (r Result, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed.Load() || ctx.Err() != nil {
		return Result{}, false
	}
	file, ok := q.next()
	q.taken++
	return Result{Index: q.taken - 1, Path: file.path, File: file}, ok
}
