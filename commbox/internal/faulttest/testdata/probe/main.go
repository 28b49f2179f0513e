// Command probe is a client process whose memory and allocations the tests of
// package commbox measure: built without the race detector, with the server in
// another process. It obeys lines on standard input and answers each with a
// line of JSON.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/commbox-go/client/commbox"
)

// reply answers one line.
type reply struct {
	Err        string
	Heap       int64 // bytes that are alive
	Mallocs    int64 // so far
	TotalAlloc int64 // bytes, so far
	Peak       int64 // bytes of the largest resident set so far; 0 where it is not known

	// Of starve: whether it could not be done, RetryLater, ErrInvalidInput, and
	// the message.
	Skipped, Again, Invalid bool
	Said                    string
}

// probe uploads to the server of its first argument, which it knows by the
// certificate in the file of its second.
type probe struct {
	client *commbox.Client
	done   chan error // of what start has started
}

func main() {
	p, err := newProbe(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var r reply
		if err := p.obey(lines.Text(), &r); err != nil {
			r.Err = err.Error()
		}
		if out.Encode(r) != nil {
			return
		}
	}
}

func newProbe(url, certificate string) (*probe, error) {
	transport := commbox.NewTransport()
	if pem, err := os.ReadFile(certificate); err == nil {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	client, err := commbox.New(commbox.APIKey("probe"), commbox.WithBaseURL(url),
		commbox.WithHTTPClient(&http.Client{Transport: transport}))
	return &probe{client: client, done: make(chan error, 1)}, err
}

// obey does what a line says: "upload COUNT PARALLEL PATH", the same with
// "start" instead and later "wait", "all COUNT PARALLEL" for files of 1 KiB
// from a generator, "starve 1 1 PATH" for an upload without descriptors, or "stats".
func (p *probe) obey(line string, r *reply) error {
	var verb, path string
	var count, parallel int
	_, _ = fmt.Sscan(line, &verb, &count, &parallel, &path)
	switch verb {
	case "upload":
		return p.upload(count, parallel, path)
	case "start":
		go func() { p.done <- p.upload(count, parallel, path) }()
		return nil
	case "wait":
		return <-p.done
	case "all":
		return p.uploadAll(count, parallel)
	case "starve":
		return p.starve(path, r)
	case "stats":
		return r.measure()
	}
	return fmt.Errorf("what is %q?", line)
}

func (p *probe) upload(count, parallel int, path string) error {
	var (
		left    atomic.Int64
		workers sync.WaitGroup
		errs    = make([]error, parallel)
	)
	left.Store(int64(count))
	for i := range parallel {
		workers.Go(func() {
			for left.Add(-1) >= 0 && errs[i] == nil {
				_, errs[i] = p.client.UploadMedia(context.Background(), "abc%3d%3d", commbox.FromPath(path))
			}
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}

func (p *probe) uploadAll(count, parallel int) error {
	content := make([]byte, 1<<10)
	files := func(yield func(commbox.File) bool) {
		for i := range count {
			if !yield(commbox.FromBytes(strconv.Itoa(i)+".pdf", content)) {
				return
			}
		}
	}
	for result := range p.client.UploadAll(context.Background(), "abc%3d%3d", files, parallel) {
		if result.Err != nil {
			return result.Err
		}
		count--
	}
	if count != 0 {
		return fmt.Errorf("%d files have no result", count)
	}
	return nil
}

func (r *reply) measure() error {
	runtime.GC()
	runtime.GC() // the second one empties the pools
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	r.Heap, r.Mallocs, r.TotalAlloc = int64(stats.HeapAlloc), int64(stats.Mallocs), int64(stats.TotalAlloc)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return errors.New("no VmHWM in /proc/self/status")
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	r.Peak = kib << 10
	return err
}
