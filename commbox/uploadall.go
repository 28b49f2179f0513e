package commbox

import (
	"context"
	"errors"
	"iter"
	"sync"
)

// Result is the end of one file of UploadAll: Media or Err, an *Error.
type Result struct {
	Index int // of the file in the sequence, from 0
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
// files if that is blocked.
func (c *Client) UploadAll(ctx context.Context, streamID string, files iter.Seq[File], workers int) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		next, stop := iter.Pull(files)
		q := queue{next: next}
		results := make(chan Result)
		left := make(chan struct{})

		var running sync.WaitGroup
		for range max(1, workers) {
			running.Go(func() {
				for i, file, ok := q.take(ctx); ok; i, file, ok = q.take(ctx) {
					media, err := c.UploadMedia(ctx, streamID, file)
					if errors.Is(err, ErrUnauthorized) {
						q.close()
					}
					select {
					case results <- Result{Index: i, File: file, Media: media, Err: err}:
					case <-left:
					}
				}
			})
		}
		go func() {
			running.Wait()
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
	}
}

// queue hands out files, one at a time.
type queue struct {
	mu     sync.Mutex
	next   func() (File, bool)
	taken  int
	closed bool
}

func (q *queue) take(ctx context.Context) (index int, file File, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || ctx.Err() != nil {
		return 0, File{}, false
	}
	file, ok = q.next()
	q.closed = !ok
	q.taken++
	return q.taken - 1, file, ok
}

// close stops the handing out. It waits for a file that is being taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}
