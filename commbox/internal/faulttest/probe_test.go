package faulttest_test

import (
	"bufio"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// sink is a server that reads uploads, keeps nothing and costs its clients
// nothing: they run in other processes.
type sink struct {
	*httptest.Server
	requests atomic.Int64
	refuse   atomic.Int64 // so many uploads are answered with 503
	held     atomic.Int64 // uploads that wait at the gate
	gate     atomic.Pointer[chan struct{}]
}

func newSink(t *testing.T, secure bool) *sink {
	t.Helper()
	s := &sink{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *sink) serve(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	if gate := s.gate.Load(); gate != nil {
		_, _ = io.CopyN(io.Discard, r.Body, 8<<10)
		s.held.Add(1)
		<-*gate
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if s.refuse.Add(-1) >= 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, `{"status":"200","description":"Operation successful",`+
		`"response_time":"2025-02-06T07:51:52.2581942Z","data":[{"filename":"x","id":"257250616863050"}]}`)
}

// closeGate keeps uploads waiting half-way until open is called.
func (s *sink) closeGate() (open func()) {
	gate := make(chan struct{})
	s.held.Store(0)
	s.gate.Store(&gate)
	return func() {
		s.gate.Store(nil)
		close(gate)
	}
}

// waitHeld waits until so many uploads are at the gate.
func (s *sink) waitHeld(t *testing.T, uploads int64) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); s.held.Load() < uploads; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d uploads are under way, want %d", s.held.Load(), uploads)
		}
	}
}

// buildProbe builds the program of the client processes, without the race
// detector, which would be in the figures.
func buildProbe(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "probe.exe")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/probe")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the probe: %v: %s", err, out)
	}
	return program
}

// probe is a client process.
type probe struct {
	t   *testing.T
	in  io.Writer
	out *json.Decoder

	stop func() // ends the process, whatever it is doing
}

type probeReply struct {
	Err                             string
	Heap, Mallocs, TotalAlloc, Peak int64
	Skipped, Again, Invalid         bool
	Said                            string
}

func startProbe(t *testing.T, program string, s *sink) *probe {
	t.Helper()
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if cert := s.Certificate(); cert != nil {
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
		if err := os.WriteFile(roots, block, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), program, s.URL, roots)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &probe{t: t, in: in, out: json.NewDecoder(bufio.NewReader(out)), stop: sync.OnceFunc(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})}
	t.Cleanup(p.stop)
	return p
}

// do has the probe obey a line and returns its answer.
func (p *probe) do(format string, args ...any) probeReply {
	p.t.Helper()
	line := fmt.Sprintf(format, args...)
	var r probeReply
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		p.t.Fatalf("%s: %v", line, err)
	}
	if err := p.out.Decode(&r); err != nil {
		p.t.Fatalf("%s: %v", line, err)
	}
	if r.Err != "" {
		p.t.Fatalf("%s: %s", line, r.Err)
	}
	return r
}
