// Command jetstream uploads any number of files from any number of machines.
//
// A NATS JetStream work queue holds a job for each file. Any number of worker
// processes take jobs from it and upload the files. For each job a worker records one
// media ID, or one reason why there is none, in a key-value bucket that refuses a
// second record. decide.go decides what a failed upload means for its job.
//
// On one machine, with a queue inside the process that is stored in a folder:
//
//	export COMMBOX_API_KEY=… COMMBOX_STREAM_ID=…
//	go run . enqueue offers/*.pdf
//	go run . work -drain
//	go run . results
//
// On several machines, with a NATS cluster (or with
// "go run . serve -addr 0.0.0.0:4222" on one machine), files on shared storage, and
// any number of workers:
//
//	export NATS_URL=nats://n1:4222,nats://n2:4222,nats://n3:4222
//	go run . enqueue -replicas 3 /mnt/offers/*.pdf
//	go run . work -replicas 3 -slots 16
//
// A worker that is killed loses nothing: its jobs return to the queue after AckWait.
// The files that it was uploading may be uploaded again, which leaves unused media
// objects and does no harm.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "jetstream:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: jetstream serve|enqueue|work|results [flags] [FILE...]; -h after one of them shows its flags")

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	var (
		b brokerConfig
		q queueConfig
		w = workerConfig{logger: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	)
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.StringVar(&b.url, "nats", os.Getenv("NATS_URL"), "`URL`s of the NATS servers; none: one inside this process")
	flags.StringVar(&b.credentials, "creds", os.Getenv("NATS_CREDS"), "`file` with the credentials for them")
	flags.StringVar(&b.store, "store", "jetstream-data", "`folder` of the server inside this process")
	flags.IntVar(&q.replicas, "replicas", 1, "copies that a cluster keeps of jobs and results")
	flags.DurationVar(&q.ackWait, "ack-wait", 30*time.Second, "how long nothing is heard of a job before another worker gets it")

	switch args[0] {
	case "serve":
		flags.StringVar(&b.listen, "addr", "127.0.0.1:4222", "`address` to serve others on")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return serve(ctx, b, stdout)
	case "enqueue":
		streamID := flags.String("stream", os.Getenv("COMMBOX_STREAM_ID"), "`ID` of the channel to upload to")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return withQueue(ctx, b, q, func(queue *queue) error {
			return enqueue(ctx, queue, *streamID, flags.Args())
		})
	case "work":
		flags.IntVar(&w.slots, "slots", 8, "uploads at a time")
		flags.BoolVar(&w.drain, "drain", false, "end when no job is left")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return withQueue(ctx, b, q, func(queue *queue) error {
			client, err := newClient(w.logger)
			if err != nil {
				return err
			}
			return work(ctx, queue, client, w)
		})
	case "results":
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return withQueue(ctx, b, q, func(queue *queue) error { return results(ctx, queue, stdout) })
	default:
		return errUsage
	}
}

func withQueue(ctx context.Context, b brokerConfig, q queueConfig, do func(*queue) error) error {
	broker, err := connect(b)
	if err != nil {
		return err
	}
	defer broker.close()
	queue, err := openQueue(ctx, broker, q)
	if err != nil {
		return err
	}
	return do(queue)
}
