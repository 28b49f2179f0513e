package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// What a run measures.
const (
	kindLoad  = "load"  // CPU and time of large files
	kindSmall = "small" // CPU and allocations of small files, one after another
	kindPeak  = "peak"  // growth of the resident set
	kindLive  = "live"  // live heap while uploads are under way
)

// job is one run of one contender in a process of its own.
type job struct {
	Contender, Kind string
	Target          target
	File, Small     string // paths; Small is the file of 10 KiB
	Uploads         int
	Gate            string // URL of the server's gate; see server.control
}

// sample is the result of one run; sizes are in bytes.
type sample struct {
	CPU, Wall          time.Duration
	Uploads, Bytes     int64
	Allocs, AllocBytes int64
	Peak, Live         int64
}

// work is the worker process.
func work(args []string, stdout io.Writer) error {
	var j job
	if err := json.Unmarshal([]byte(args[0]), &j); err != nil {
		return err
	}
	s, err := j.run()
	if err != nil {
		return fmt.Errorf("%s, %s: %w", j.Contender, j.Kind, err)
	}
	return json.NewEncoder(stdout).Encode(s)
}

func (j job) run() (sample, error) {
	all := contenders()
	i := slices.IndexFunc(all, func(c contender) bool { return c.Name == j.Contender })
	if i < 0 {
		return sample{}, errors.New("no such contender")
	}
	up, err := all[i].start(j.Target)
	if err != nil {
		return sample{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	switch j.Kind {
	case kindLoad:
		// The gate holds all connections open at once, so that the numbers contain no handshake.
		if err := j.gated(ctx, up, j.Small, func() {}); err != nil {
			return sample{}, err
		}
		return j.cost(func() error { return j.uploads(ctx, up, j.File, j.Uploads) })
	case kindSmall:
		if err := j.uploads(ctx, up, j.Small, 300); err != nil {
			return sample{}, err
		}
		return j.cost(func() error { return j.uploads(ctx, up, j.File, j.Uploads) })
	case kindPeak:
		return j.peak(ctx, up)
	case kindLive:
		return j.live(ctx, up)
	}
	return sample{}, errors.New("no such kind")
}

// cost measures what do costs this process, without start and warm-up.
func (j job) cost(do func() error) (sample, error) {
	info, err := os.Stat(j.File)
	if err != nil {
		return sample{}, err
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	if err := do(); err != nil {
		return sample{}, err
	}
	s := sample{Wall: time.Since(start), CPU: cpuTime() - cpu}
	runtime.ReadMemStats(&after)
	s.Uploads, s.Bytes = int64(j.Uploads), int64(j.Uploads)*info.Size()
	s.Allocs, s.AllocBytes = int64(after.Mallocs-before.Mallocs), int64(after.TotalAlloc-before.TotalAlloc)
	return s, nil
}

// peak measures how much the largest resident set grows after one small upload.
func (j job) peak(ctx context.Context, up upload) (sample, error) {
	// If memory runs out, the kernel shall end this process: the buffering peers need gigabytes.
	if err := os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0); err != nil {
		return sample{}, err
	}
	if err := up(ctx, j.Small); err != nil {
		return sample{}, err
	}
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // start VmHWM again
		return sample{}, err
	}
	before, err := highWater()
	if err != nil {
		return sample{}, err
	}
	if err := j.uploads(ctx, up, j.File, j.Uploads); err != nil {
		return sample{}, err
	}
	after, err := highWater()
	return sample{Peak: after - before}, err
}

// live measures the heap that an upload uses when half of its body is sent.
func (j job) live(ctx context.Context, up upload) (sample, error) {
	if err := j.gated(ctx, up, j.Small, func() {}); err != nil { // open the connections first: they belong to the pool, not to the upload
		return sample{}, err
	}
	before := liveHeap()
	var during int64
	err := j.gated(ctx, up, j.File, func() { during = liveHeap() })
	return sample{Live: (during - before) / int64(j.Target.Parallel)}, err
}

// uploads sends the file n times, with as many uploads at once as the job says.
func (j job) uploads(ctx context.Context, up upload, path string, n int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var left atomic.Int64
	left.Store(int64(n))
	var workers sync.WaitGroup
	for range j.Target.Parallel {
		workers.Go(func() {
			for left.Add(-1) >= 0 {
				if err := up(ctx, path); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// gated starts one upload per connection, and calls atGate when the server has stopped all of them half-way.
func (j job) gated(ctx context.Context, up upload, path string, atGate func()) error {
	if _, err := j.gate(ctx, http.MethodPost); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- j.uploads(ctx, up, path, j.Target.Parallel) }()
	for held := 0; held < j.Target.Parallel; {
		select {
		case err := <-done:
			return errors.Join(errors.New("uploads ended before the gate was opened"), err)
		case <-time.After(2 * time.Millisecond):
		}
		var err error
		if held, err = j.gate(ctx, http.MethodGet); err != nil {
			return err
		}
	}
	atGate()
	if _, err := j.gate(ctx, http.MethodDelete); err != nil {
		return err
	}
	return <-done
}

func (j job) gate(ctx context.Context, method string) (held int, err error) {
	req, err := http.NewRequestWithContext(ctx, method, j.Gate, nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = fmt.Fscan(res.Body, &held)
	return held, err
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // impossible with valid arguments
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC() // the second one empties the pools
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// highWater is VmHWM, the largest resident set so far.
func highWater() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("no VmHWM in /proc/self/status")
	}
	n, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return n * kib, err
}
