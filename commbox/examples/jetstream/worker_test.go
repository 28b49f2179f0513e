package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// stage is a queue with one job, and a CommBox to do it with.
type stage struct {
	server *commboxtest.Server
	queue  *queue
	job    Job
}

// setUp has a NATS of its own.
func setUp(t *testing.T, ackWait time.Duration) *stage {
	t.Helper()
	return setUpOn(t, brokerConfig{store: t.TempDir()}, ackWait)
}

func setUpOn(t *testing.T, config brokerConfig, ackWait time.Duration) *stage {
	t.Helper()
	s := &stage{server: newCommBox(t)}
	broker, err := connect(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.close)
	if s.queue, err = openQueue(t.Context(), broker, queueConfig{replicas: 1, ackWait: ackWait}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "offer.pdf")
	if err := os.WriteFile(path, []byte("%PDF-1.7"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.job, err = newJob("stream", path); err != nil {
		t.Fatal(err)
	}
	if err := s.queue.add(t.Context(), s.job); err != nil {
		t.Fatal(err)
	}
	return s
}

// work does all jobs of the stage with a few slots.
func (s *stage) work(t *testing.T, opts ...commbox.Option) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	client := s.server.Client(append([]commbox.Option{
		commbox.WithRetry(commbox.RetryPolicy{MaxAttempts: 1, MaxRetryAfter: time.Nanosecond}),
	}, opts...)...)
	err := work(ctx, s.queue, client, workerConfig{slots: 3, drain: true, logger: testLogger(t)})
	if ctx.Err() != nil {
		t.Error("the queue was not drained")
	}
	return err
}

// check demands what the end of the job is.
func (s *stage) check(t *testing.T, uploads int, deliveries uint64, reason bool) {
	t.Helper()
	entry, err := s.queue.bucket.Get(t.Context(), s.job.ID)
	if err != nil {
		t.Fatal(err)
	}
	var result Result
	if err := json.Unmarshal(entry.Value(), &result); err != nil {
		t.Fatal(err)
	}
	if revision := entry.Revision(); revision != 1 || result.Deliveries != deliveries || (result.Reason != "") != reason || (result.MediaID != "") == reason {
		t.Errorf("revision %d, result %+v", revision, result)
	}
	if n := len(s.server.Uploads()); n != uploads {
		t.Errorf("%d uploads, want %d", n, uploads)
	}
	if left, err := s.queue.left(t.Context()); err != nil || left != 0 {
		t.Errorf("%d jobs left, %v", left, err)
	}
}

// The server's Retry-After is the delay, and no slot is busy with it.
func TestLater(t *testing.T) {
	t.Parallel()
	s := setUp(t, 30*time.Second)
	s.server.Fail(
		commboxtest.Status(429, commboxtest.Header("Retry-After", "2")),
		commboxtest.Status(503, commboxtest.Header("Retry-After", "1")),
	)
	if err := s.work(t); err != nil {
		t.Fatal(err)
	}
	s.check(t, 1, 3, false)
	requests := s.server.Requests()
	for i, least := range []time.Duration{2 * time.Second, time.Second} {
		if waited := requests[i+1].Time.Sub(requests[i].Time); waited < least || waited > least+5*time.Second {
			t.Errorf("waited %v after answer %d, want %v", waited, i, least)
		}
	}
}

func TestNever(t *testing.T) {
	t.Parallel()
	s := setUp(t, 30*time.Second)
	s.server.Fail(commboxtest.Status(404))
	if err := s.work(t); err != nil {
		t.Fatal(err)
	}
	s.check(t, 0, 1, true)
}

// A key that CommBox refuses ends the worker, not the job.
func TestHalt(t *testing.T) {
	t.Parallel()
	s := setUp(t, 30*time.Second)
	client := s.server.Client() // with the key of now
	s.server.SetKey("the-next-key")
	err := work(t.Context(), s.queue, client, workerConfig{slots: 3, drain: true, logger: testLogger(t)})
	if !errors.Is(err, commbox.ErrUnauthorized) {
		t.Fatalf("error %v", err)
	}
	if left, err := s.queue.left(t.Context()); err != nil || left != 1 {
		t.Fatalf("%d jobs left, %v", left, err)
	}
	if err := s.work(t); err != nil {
		t.Fatal(err)
	}
	s.check(t, 1, 2, false)
}

// An upload that takes longer than AckWait is not given to another slot.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	s := setUp(t, 2*time.Second)
	s.server.Fail(commboxtest.StallFor(0, 3*time.Second))
	if err := s.work(t); err != nil {
		t.Fatal(err)
	}
	s.check(t, 1, 1, false)
}

// A worker that is killed after the record and before the acknowledgement leaves
// a job that must not be uploaded again.
func TestRecordedAlready(t *testing.T) {
	t.Parallel()
	s := setUp(t, 30*time.Second)
	if err := s.queue.record(t.Context(), Result{Job: s.job, MediaID: "1", Deliveries: 1}); err != nil {
		t.Fatal(err)
	}
	if err := s.queue.record(t.Context(), Result{Job: s.job, MediaID: "2", Deliveries: 2}); err != nil {
		t.Fatal(err)
	}
	if err := s.work(t); err != nil {
		t.Fatal(err)
	}
	s.check(t, 0, 1, false)
}

func TestNoJob(t *testing.T) {
	t.Parallel()
	s := setUp(t, 30*time.Second)
	for _, data := range []string{"", "{", `{"StreamID": "stream"}`} {
		if _, err := s.queue.js.Publish(t.Context(), jobSubject, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.work(t); err != nil {
		t.Fatal(err)
	}
	s.check(t, 1, 1, false)
}

// NATS goes away while a file is being uploaded, and comes back: the media ID is
// recorded then, and the file is not uploaded again.
func TestBrokerRestarts(t *testing.T) {
	t.Parallel()
	long(t)
	store := t.TempDir()
	embedded, err := embed(brokerConfig{store: store, listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	addr := embedded.Addr().String()
	s := setUpOn(t, brokerConfig{url: "nats://" + addr}, 30*time.Second)
	s.server.Fail(commboxtest.StallFor(0, 3*time.Second))

	restarted := make(chan error, 1)
	go func() {
		for len(s.server.Requests()) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		embedded.Shutdown()
		embedded.WaitForShutdown()
		for len(s.server.Uploads()) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		var err error
		if embedded, err = embed(brokerConfig{store: store, listen: addr}); err == nil {
			t.Cleanup(func() { embedded.Shutdown(); embedded.WaitForShutdown() })
		}
		restarted <- err
	}()
	if err := s.work(t); err != nil {
		t.Fatal(err)
	}
	if err := <-restarted; err != nil {
		t.Fatal(err)
	}
	s.check(t, 1, 1, false)
}
