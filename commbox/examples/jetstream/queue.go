package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	streamName   = "COMMBOX_UPLOADS"
	jobSubject   = "commbox.uploads"
	consumerName = "uploaders"
	bucketName   = "commbox_results"

	// resultsKept is how long WhatsApp keeps an uploaded file.
	resultsKept = 30 * 24 * time.Hour
	// waitingJobs is the maximum number of jobs that workers have or that wait for
	// another try. So an outage of CommBox stops the queue.
	waitingJobs = 1000
)

// queueConfig must be the same in all processes of a queue.
type queueConfig struct {
	replicas int
	ackWait  time.Duration
}

// queue is the stream of jobs and the bucket of results.
type queue struct {
	js      jetstream.JetStream
	stream  jetstream.Stream
	bucket  jetstream.KeyValue
	ackWait time.Duration
}

// openQueue opens the stream and the bucket. It creates them if they do not exist.
func openQueue(ctx context.Context, b *broker, c queueConfig) (*queue, error) {
	js, err := jetstream.New(b.conn)
	if err != nil {
		return nil, err
	}
	stream, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:        streamName,
		Description: "files to upload through CommBox",
		Subjects:    []string{jobSubject},
		Retention:   jetstream.WorkQueuePolicy, // a job is gone when it is done
		Storage:     jetstream.FileStorage,
		Replicas:    c.replicas,
		Duplicates:  2 * time.Minute,
	})
	if err != nil {
		return nil, fmt.Errorf("make the stream %s: %w", streamName, err)
	}
	bucket, err := js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket:      bucketName,
		Description: "what became of the files",
		TTL:         resultsKept,
		Storage:     jetstream.FileStorage,
		Replicas:    c.replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("make the bucket %s: %w", bucketName, err)
	}
	return &queue{js: js, stream: stream, bucket: bucket, ackWait: c.ackWait}, nil
}

// add puts a job into the queue. Within two minutes, JetStream drops a second copy. Later,
// the worker that takes the copy finds the result of the first.
func (q *queue) add(ctx context.Context, job Job) error {
	data, err := json.Marshal(job)
	if err != nil {
		return err
	}
	_, err = q.js.Publish(ctx, jobSubject, data, jetstream.WithMsgID(job.ID))
	return err
}

// consumer returns the consumer that all workers take jobs from.
func (q *queue) consumer(ctx context.Context) (jetstream.Consumer, error) {
	return q.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:       consumerName,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       q.ackWait,
		MaxDeliver:    -1, // decide decides how often
		MaxAckPending: waitingJobs,
	})
}

// record stores the result of a job. If the job has a result already, record keeps that
// one and returns no error.
func (q *queue) record(ctx context.Context, r Result) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = q.bucket.Create(ctx, r.Job.ID, data)
	if errors.Is(err, jetstream.ErrKeyExists) {
		return nil
	}
	return err
}

// recorded reports whether a job has a result.
func (q *queue) recorded(ctx context.Context, jobID string) (bool, error) {
	_, err := q.bucket.Get(ctx, jobID)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil
	}
	return err == nil, err
}

// left returns the number of jobs that are not done.
func (q *queue) left(ctx context.Context) (uint64, error) {
	info, err := q.stream.Info(ctx)
	if err != nil {
		return 0, err
	}
	return info.State.Msgs, nil
}

// enqueue adds a job for each file.
func enqueue(ctx context.Context, q *queue, streamID string, paths []string) error {
	if streamID == "" {
		return errors.New("give -stream or COMMBOX_STREAM_ID")
	}
	for _, path := range paths {
		job, err := newJob(streamID, path)
		if err != nil {
			return err
		}
		if err := q.add(ctx, job); err != nil {
			return fmt.Errorf("enqueue %s: %w", path, err)
		}
	}
	return nil
}

// results writes all results, as lines of JSON.
func results(ctx context.Context, q *queue, stdout io.Writer) error {
	watcher, err := q.bucket.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return err
	}
	defer func() { _ = watcher.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case entry := <-watcher.Updates():
			if entry == nil { // the end of the existing results
				return nil
			}
			if _, err := fmt.Fprintf(stdout, "%s\n", entry.Value()); err != nil {
				return err
			}
		}
	}
}
