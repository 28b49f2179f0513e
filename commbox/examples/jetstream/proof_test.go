//go:build unix

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

const (
	proofSlots   = 8
	proofJobs    = 2000 // enough for every fault to meet every step
	proofAckWait = 5 * time.Second
)

// TestThreeWorkers has three processes do two thousand jobs with a CommBox that
// throttles and fails at random, and kills one of them in the middle.
func TestThreeWorkers(t *testing.T) {
	t.Parallel()
	long(t)
	server := newCommBox(t, commboxtest.WithRateLimit(400, time.Second))
	server.Fail(randomFaults(rand.New(rand.NewPCG(1, 0)))...)

	embedded, err := embed(brokerConfig{store: t.TempDir(), listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { embedded.Shutdown(); embedded.WaitForShutdown() })
	broker, err := connect(brokerConfig{url: embedded.ClientURL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.close)
	queue, err := openQueue(t.Context(), broker, queueConfig{replicas: 1, ackWait: proofAckWait})
	if err != nil {
		t.Fatal(err)
	}
	jobs := addJobs(t, queue)

	began := time.Now()
	waitUntil := waiting(t, began.Add(2*time.Minute)) // it takes 20 seconds where nothing else runs
	workers := make([]*exec.Cmd, 3)
	for i := range workers {
		workers[i] = startWorker(t, embedded.ClientURL(), server)
	}
	waitUntil("a third of the files is uploaded", func() bool { return len(server.Uploads()) > proofJobs/3 })
	inFlight := killWorker(t, server, workers[0])
	killed := time.Now()
	waitUntil("half of the files is uploaded", func() bool { return len(server.Uploads()) > proofJobs/2 })
	workers[0] = startWorker(t, embedded.ClientURL(), server) // as whatever runs workers would
	waitUntil("no job is left", func() bool {
		left, err := queue.left(t.Context())
		return err == nil && left == 0
	})
	t.Logf("%d jobs in %v, with a kill after %v", len(jobs), time.Since(began).Round(time.Millisecond), killed.Sub(began).Round(time.Millisecond))
	for _, worker := range workers {
		endWorker(t, worker)
	}
	checkProof(t, server, queue, jobs, inFlight)
}

// randomFaults is what CommBox does with one request after the other, for longer
// than there are jobs: most of the time it takes a moment and serves the request.
func randomFaults(random *rand.Rand) []commboxtest.Fault {
	retryAfter := func(seconds string) commboxtest.AnswerOption { return commboxtest.Header("Retry-After", seconds) }
	faults := []commboxtest.Fault{
		commboxtest.Status(400),
		commboxtest.Status(429, retryAfter("1")),
		commboxtest.Status(429, retryAfter("2")), // longer than a slot waits
		commboxtest.Status(500),
		commboxtest.Status(502),
		commboxtest.Status(503),
		commboxtest.Status(503, retryAfter("3")),
		commboxtest.Reset(100),
		commboxtest.Reset(1 << 20), // after the body, before the answer
		commboxtest.LostAnswer(),
		commboxtest.Cut(20),
		commboxtest.EarlyAnswer(500),
	}
	script := make([]commboxtest.Fault, proofJobs+proofJobs/2)
	for i := range script {
		switch n := random.IntN(100); {
		case n < 82:
			script[i] = commboxtest.StallFor(0, time.Duration(random.IntN(60))*time.Millisecond)
		case n < 83: // throttling stops a worker for seconds, so there is not much of it
			script[i] = faults[1+random.IntN(2)]
		default:
			script[i] = faults[[...]int{0, 3, 4, 5, 6, 7, 8, 9, 10, 11}[random.IntN(10)]]
		}
	}
	script[10], script[20] = commboxtest.Status(400), commboxtest.LostAnswer() // however few jobs there are
	return script
}

// proofJob is a job and the SHA-256 of its file. Each has a channel of its own,
// by which its requests are told from those of others.
type proofJob struct {
	Job
	sum string
}

func addJobs(t *testing.T, q *queue) map[string]proofJob {
	t.Helper()
	dir := t.TempDir()
	jobs := make(map[string]proofJob, proofJobs)
	for i := range proofJobs {
		data := fmt.Appendf(nil, "%%PDF-1.7 %d %s", i, strings.Repeat("x", i))
		path := filepath.Join(dir, fmt.Sprintf("%d.pdf", i))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		job, err := newJob(fmt.Sprintf("stream-%d", i), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := q.add(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		jobs[job.StreamID] = proofJob{job, hex.EncodeToString(sum[:])}
	}
	return jobs
}

// startWorker runs this program's work command in a process of its own.
func startWorker(t *testing.T, nats string, server *commboxtest.Server) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), os.Args[0], "work",
		"-slots", fmt.Sprint(proofSlots), "-ack-wait", proofAckWait.String())
	cmd.Env = append(os.Environ(), asProgram+"=1",
		"NATS_URL="+nats, "COMMBOX_API_KEY="+server.Key(), "COMMBOX_BASE_URL="+server.URL)
	log, err := os.Create(filepath.Join(t.TempDir(), "worker.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = log
	endWithParent(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // one that was ended before does not mind
		_ = cmd.Wait()
		_ = log.Close()
		if t.Failed() {
			data, _ := os.ReadFile(log.Name())
			t.Logf("the end of the log of process %d:\n%s", cmd.Process.Pid, data[max(0, len(data)-4000):])
		}
	})
	return cmd
}

// killWorker kills a worker in the worst moment: CommBox has stored what it was
// sending, and it has not read the answers. Each of its slots can have one such
// file, whose result it does not live to record.
func killWorker(t *testing.T, server *commboxtest.Server, cmd *exec.Cmd) (inFlight int) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // longer than CommBox takes
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	t.Logf("killed process %d after %d uploads", cmd.Process.Pid, len(server.Uploads()))
	return proofSlots
}

// endWorker ends a worker in the ordinary way.
func endWorker(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("process %d: %v", cmd.Process.Pid, err)
	}
}

// waiting returns a function that waits until something is so.
func waiting(t *testing.T, deadline time.Time) func(what string, so func() bool) {
	return func(what string, so func() bool) {
		t.Helper()
		for !so() {
			if time.Now().After(deadline) {
				t.Fatalf("waited in vain until %s", what)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}
