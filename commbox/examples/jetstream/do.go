package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// do does the job of a message. It returns how long the slot should wait before the next
// job, and an error if no job can succeed.
func (w *worker) do(ctx context.Context, msg jetstream.Msg) (wait time.Duration, fatal error) {
	var job Job
	meta, err := msg.Metadata()
	if err == nil {
		err = json.Unmarshal(msg.Data(), &job)
	}
	if err != nil || job.ID == "" {
		w.logger.Error("not a job", "message", string(msg.Data()), "error", err)
		_ = msg.TermWithReason("not a job")
		return 0, nil
	}
	alive := w.keep(msg)
	defer alive.end()

	// The worker that had the job before may have been killed between record and ack.
	var recorded bool
	ok := w.insist(ctx, "look for the result", func(ctx context.Context) (err error) {
		recorded, err = w.queue.recorded(ctx, job.ID)
		return err
	})
	if !ok {
		return 0, nil // the job comes back by itself
	}
	if recorded {
		alive.end()
		_ = msg.Ack()
		return 0, nil
	}

	media, err := w.client.UploadMedia(ctx, job.StreamID, job.file())
	result := Result{Job: job, Deliveries: meta.NumDelivered, Worker: w.name, Time: time.Now().UTC()}
	d := decide(err, meta.NumDelivered, rand.Float64())
	switch d.fate {
	case done:
		result.MediaID = media.ID
	case never:
		result.Reason = err.Error()
	case later, halt:
		alive.end()
		w.logger.Warn("later", "job", job.ID, "after", d.after, "error", err)
		_ = msg.NakWithDelay(d.after) // if it is lost, the job returns after AckWait
		if d.fate == halt {
			return 0, err
		}
		return pause(err, d), nil
	}

	// Record first: after a lost acknowledgement the job returns and finds its result,
	// but an acknowledged job never returns.
	if !w.insist(ctx, "record the result", func(ctx context.Context) error { return w.queue.record(ctx, result) }) {
		return 0, nil
	}
	alive.end()
	w.logger.Info("recorded", "job", job.ID, "media", result.MediaID, "reason", result.Reason)
	if d.fate == never {
		_ = msg.TermWithReason(result.Reason)
	} else {
		_ = msg.Ack()
	}
	return 0, nil
}

// insist tries an operation on the queue until it succeeds, because NATS may be down for
// a while, and the file must not be uploaded again for that. It returns false if ctx ends
// first.
func (w *worker) insist(ctx context.Context, what string, op func(context.Context) error) bool {
	for ctx.Err() == nil {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := op(attempt)
		cancel()
		if err == nil {
			return true
		}
		w.logger.Warn("cannot "+what, "error", err)
		sleep(ctx, time.Second)
	}
	return false
}

// heartbeat tells the queue again and again that a job is being done. The queue then
// waits longer than AckWait for a long upload.
type heartbeat struct {
	stop  chan struct{}
	once  sync.Once
	beats sync.WaitGroup
}

func (w *worker) keep(msg jetstream.Msg) *heartbeat {
	h := &heartbeat{stop: make(chan struct{})}
	every := w.consumer.CachedInfo().Config.AckWait / 3
	h.beats.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				_ = msg.InProgress() // if it fails, the next one is enough
			case <-h.stop:
				return
			}
		}
	})
	return h
}

// end stops the heartbeat and waits for it: InProgress after a Nak would cancel the Nak.
func (h *heartbeat) end() {
	h.once.Do(func() { close(h.stop) })
	h.beats.Wait()
}
