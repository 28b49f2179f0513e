package commbox_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

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

// plainAndTLS runs a test against a sink of either kind.
func plainAndTLS(t *testing.T, test func(t *testing.T, s *sink)) {
	t.Helper()
	for _, secure := range []bool{false, true} {
		t.Run(map[bool]string{false: "plain", true: "TLS"}[secure], func(t *testing.T) {
			test(t, newSink(t, secure))
		})
	}
}

func TestLimitPeakMemory(t *testing.T) {
	t.Parallel()
	small, large := sparse(t, 10<<10), sparse(t, 100<<20)
	for name, tt := range map[string]struct {
		uploads, refused int
		limit            int64 // bytes
	}{
		"100 MiB":               {1, 0, 16 << 20},
		"100 MiB x 16":          {16, 0, 16 << 20},
		"100 MiB, 503, 100 MiB": {1, 1, 4 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			plainAndTLS(t, func(t *testing.T, s *sink) {
				p := startProbe(t, s)
				p.do("upload 1 1 %s", small)
				before := p.do("stats")
				if before.Peak == 0 {
					t.Skip("the largest resident set is not known on this system")
				}
				s.refuse.Store(int64(tt.refused))
				s.requests.Store(0)
				began := time.Now()
				p.do("upload %d %d %s", tt.uploads, tt.uploads, large)
				after := p.do("stats")
				if got, want := s.requests.Load(), int64(tt.uploads+tt.refused); got != want {
					t.Errorf("%d requests, want %d", got, want)
				}
				growth := after.Peak - before.Peak
				t.Logf("%.1f MiB of growth from %.1f MiB in %v", float64(growth)/(1<<20), float64(before.Peak)/(1<<20), time.Since(began))
				if growth > tt.limit {
					t.Errorf("peak memory grew by %d bytes, want at most %d", growth, tt.limit)
				}
			})
		})
	}
}

func TestLimitLiveHeap(t *testing.T) {
	t.Parallel()
	const uploads, limit = 64, 96 << 10
	small, large := sparse(t, 10<<10), sparse(t, 16<<20)
	plainAndTLS(t, func(t *testing.T, s *sink) {
		p := startProbe(t, s)
		cold := p.do("stats")
		// Connections belong to the pool, not to an upload: all are open before.
		open := s.closeGate()
		p.do("start %d %d %s", uploads, uploads, small)
		s.waitHeld(t, uploads)
		open()
		p.do("wait")
		before := p.do("stats")

		open = s.closeGate()
		p.do("start %d %d %s", uploads, uploads, large)
		s.waitHeld(t, uploads)
		time.Sleep(100 * time.Millisecond) // until all of them are stuck
		during := p.do("stats")
		open()
		p.do("wait")
		each := (during.Heap - before.Heap) / uploads
		t.Logf("%.1f KiB per upload, %.1f KiB with its connection", float64(each)/1024, float64(during.Heap-cold.Heap)/uploads/1024)
		if each > limit {
			t.Errorf("%d bytes are alive per upload, want at most %d", each, limit)
		}
	})
}

func TestLimitAllocations(t *testing.T) {
	t.Parallel()
	const uploads, allocs, bytes = 2000, 120, 12 << 10
	small := sparse(t, 10<<10)
	plainAndTLS(t, func(t *testing.T, s *sink) {
		p := startProbe(t, s)
		p.do("upload 200 1 %s", small)
		before := p.do("stats")
		p.do("upload %d 1 %s", uploads, small)
		after := p.do("stats")
		n, size := (after.Mallocs-before.Mallocs)/uploads, (after.TotalAlloc-before.TotalAlloc)/uploads
		t.Logf("%d allocations, %d bytes per upload", n, size)
		if n > allocs || size > bytes {
			t.Errorf("%d allocations of %d bytes per upload, want at most %d of %d", n, size, allocs, bytes)
		}
	})
}
