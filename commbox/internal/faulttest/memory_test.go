package faulttest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMemory holds the client to its limits of memory and allocations. What is
// measured is a process of its own, built without the race detector.
func TestMemory(t *testing.T) {
	t.Parallel()
	program := buildProbe(t)
	small, large := sparse(t, 10<<10), sparse(t, 100<<20)
	for name, test := range map[string]func(t *testing.T, p *probe, s *sink){
		"peak, 100 MiB":      func(t *testing.T, p *probe, s *sink) { peakMemory(t, p, s, small, large, 1, 0, 16<<20) },
		"peak, many files":   func(t *testing.T, p *probe, s *sink) { manyFiles(t, p, s, count(2_000, 200_000)) },
		"peak, 100 MiB x 16": func(t *testing.T, p *probe, s *sink) { peakMemory(t, p, s, small, large, 16, 0, 16<<20) },
		"peak, repeated":     func(t *testing.T, p *probe, s *sink) { peakMemory(t, p, s, small, large, 1, 1, 4<<20) },
		"live":               func(t *testing.T, p *probe, s *sink) { liveHeap(t, p, s, small, large, 64, 96<<10) },
		"allocations":        func(t *testing.T, p *probe, _ *sink) { allocations(t, p, small, 120, 12<<10) },
	} {
		for _, secure := range []bool{false, true} {
			if !long && (secure || strings.Contains(name, "x 16")) || secure && strings.Contains(name, "many files") {
				continue
			}
			t.Run(name+map[bool]string{false: "/plain", true: "/TLS"}[secure], func(t *testing.T) {
				s := newSink(t, secure)
				test(t, startProbe(t, program, s), s)
			})
		}
	}
}

// peakMemory uploads a large file so many times at once, and has so many
// requests answered with 503. The largest resident set of the process may grow
// by limit bytes over what one small upload takes.
func peakMemory(t *testing.T, p *probe, s *sink, small, large string, uploads, refused int64, limit int64) {
	p.do("upload 1 1 %s", small)
	before := p.do("stats")
	if before.Peak == 0 {
		t.Skip("the largest resident set is not known on this system")
	}
	s.refuse.Store(refused)
	s.requests.Store(0)
	p.do("upload %d %d %s", uploads, uploads, large)
	after := p.do("stats")
	if got := s.requests.Load(); got != uploads+refused {
		t.Errorf("%d requests, want %d", got, uploads+refused)
	}
	growth := after.Peak - before.Peak
	t.Logf("%.1f MiB over %.1f MiB", float64(growth)/(1<<20), float64(before.Peak)/(1<<20))
	if growth > limit {
		t.Errorf("peak memory grew by %d bytes, want at most %d", growth, limit)
	}
}

// liveHeap has so many uploads under way at once, each half-way and stuck. Each
// may keep limit bytes alive, besides its connection, which is the pool's.
func liveHeap(t *testing.T, p *probe, s *sink, small, large string, uploads, limit int64) {
	cold := p.do("stats")
	open := s.closeGate()
	p.do("start %d %d %s", uploads, uploads, small)
	s.waitHeld(t, uploads)
	open()
	p.do("wait")
	before := p.do("stats")

	open = s.closeGate()
	p.do("start %d %d %s", uploads, uploads, large)
	s.waitHeld(t, uploads)
	time.Sleep(100 * time.Millisecond) // until the connections take no more
	during := p.do("stats")
	p.stop()
	open()
	each := (during.Heap - before.Heap) / uploads
	t.Logf("%.1f KiB per upload, %.1f KiB with its connection", float64(each)/1024, float64(during.Heap-cold.Heap)/float64(uploads)/1024)
	if each > limit {
		t.Errorf("%d bytes are alive per upload, want at most %d", each, limit)
	}
}

// allocations uploads a small file again and again on one connection. Each
// time may cost so many allocations, of so many bytes together.
func allocations(t *testing.T, p *probe, small string, most, size int64) {
	uploads := count[int64](500, 2000)
	p.do("upload 200 1 %s", small)
	before := p.do("stats")
	p.do("upload %d 1 %s", uploads, small)
	after := p.do("stats")
	n, bytes := (after.Mallocs-before.Mallocs)/uploads, (after.TotalAlloc-before.TotalAlloc)/uploads
	t.Logf("%d allocations, %d bytes per upload", n, bytes)
	if n > most || bytes > size {
		t.Errorf("%d allocations of %d bytes per upload, want at most %d of %d", n, bytes, most, size)
	}
}

// sparse makes a file of size zeros that takes no room on the disk.
func sparse(t *testing.T, size int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.pdf", size))
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	return path
}

// manyFiles uploads so many files, of which each is another. Memory may not grow
// with their number.
func manyFiles(t *testing.T, p *probe, s *sink, files int) {
	p.do("all %d 8", files/20)
	before := p.do("stats")
	if before.Peak == 0 {
		t.Skip("the largest resident set is not known on this system")
	}
	p.do("all %d 8", files-files/20)
	after := p.do("stats")
	if got := s.requests.Load(); got != int64(files) {
		t.Errorf("%d requests for %d files", got, files)
	}
	growth := after.Peak - before.Peak
	t.Logf("%.1f MiB of growth from %d to %d files", float64(growth)/(1<<20), files/20, files)
	if growth > 16<<20 {
		t.Errorf("peak memory grew by %d bytes, want at most 16 MiB", growth)
	}
}
