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

// take returns the next file, in a Result that is still to be filled in.
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
