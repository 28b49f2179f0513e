package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/commbox-go/client/commbox"
)

// grace is how long a worker goes on with its uploads after it was told to end.
const grace = 20 * time.Second

type workerConfig struct {
	slots  int
	drain  bool
	logger *slog.Logger
}

// worker takes jobs from a queue and does them.
type worker struct {
	workerConfig
	name     string
	queue    *queue
	consumer jetstream.Consumer
	client   *commbox.Client
}

// work does jobs until ctx ends or, with drain, until no job is left. It returns an error
// if no job can succeed, for instance because CommBox refuses the key.
func work(ctx context.Context, q *queue, client *commbox.Client, c workerConfig) error {
	consumer, err := q.consumer(ctx)
	if err != nil {
		return fmt.Errorf("make the consumer %s: %w", consumerName, err)
	}
	host, _ := os.Hostname()
	w := &worker{
		workerConfig: c, name: fmt.Sprintf("%s/%d", host, os.Getpid()),
		queue: q, consumer: consumer, client: client,
	}
	taking, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	doing, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	defer context.AfterFunc(taking, func() { time.AfterFunc(grace, abort) })()

	var running sync.WaitGroup
	for range max(1, c.slots) {
		running.Go(func() {
			if err := w.slot(taking, doing); err != nil {
				stop(err)
			}
		})
	}
	running.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(taking)
}

// slot does one job after the other until taking ends. It takes a job only when it can
// begin it: if the process is killed, other workers have to wait AckWait for the jobs that
// it has taken. slot returns an error if no job can succeed.
func (w *worker) slot(taking, doing context.Context) error {
	for taking.Err() == nil {
		msg, err := w.take(taking)
		switch {
		case msg != nil:
			wait, err := w.do(doing, msg)
			if err != nil {
				return err
			}
			sleep(taking, wait)
		case err != nil && taking.Err() == nil:
			w.logger.Warn("cannot take a job", "error", err)
			sleep(taking, time.Second)
		case w.drain && w.drained(taking):
			return nil
		}
	}
	return nil
}

// take returns the next job, or nil if there is none for now.
func (w *worker) take(ctx context.Context) (jetstream.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	msg, err := w.consumer.Next(jetstream.FetchContext(ctx))
	if errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		return nil, nil
	}
	return msg, err
}

// drained reports whether no job is left, with this worker or another.
func (w *worker) drained(ctx context.Context) bool {
	left, err := w.queue.left(ctx)
	return err == nil && left == 0
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
