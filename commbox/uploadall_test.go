package commbox_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestUploadAllYieldsWhileTheSequenceWaits for a result, also for a refused one.
func TestUploadAllYieldsWhileTheSequenceWaits(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t, commboxtest.WithKey("another"))
	c, err := commbox.New(commbox.APIKey("revoked"), commbox.WithBaseURL(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan struct{})
	files := func(yield func(commbox.File) bool) {
		if yield(smallPDF()) {
			<-seen
		}
	}
	for r := range c.UploadAll(t.Context(), "abc", files, 2) {
		if !errors.Is(r.Err, commbox.ErrUnauthorized) {
			t.Error(r.Err)
		}
		close(seen)
	}
}

// generate yields n files and counts how many were taken.
func generate(n int, taken *atomic.Int64) iter.Seq[commbox.File] {
	return func(yield func(commbox.File) bool) {
		for i := range n {
			taken.Add(1)
			if !yield(commbox.FromBytes(fmt.Sprintf("%d.pdf", i), []byte("%PDF"))) {
				return
			}
		}
	}
}

func TestUploadAll(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{-1, 1, 8, 100} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			var taken atomic.Int64
			seen := map[int]bool{}
			for r := range s.Client().UploadAll(t.Context(), "abc", generate(50, &taken), workers) {
				if r.Err != nil || r.Media.ID == "" || r.File.Name != fmt.Sprintf("%d.pdf", r.Index) || seen[r.Index] {
					t.Errorf("result %+v", r)
				}
				seen[r.Index] = true
			}
			if len(seen) != 50 || len(s.Uploads()) != 50 {
				t.Errorf("%d results, %d uploads", len(seen), len(s.Uploads()))
			}
		})
	}
}

func TestUploadAllGoesOnAfterFailures(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(400), commboxtest.Status(404))
	var taken atomic.Int64
	done, failed := 0, 0
	for r := range s.Client().UploadAll(t.Context(), "abc", generate(20, &taken), 4) {
		if r.Err != nil {
			failed++
		} else {
			done++
		}
	}
	if done != 18 || failed != 2 {
		t.Errorf("%d done, %d failed", done, failed)
	}
}

func TestUploadAllStopsWhenTheKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t, commboxtest.WithKey("another"))
	c, err := commbox.New(commbox.APIKey("revoked"), commbox.WithBaseURL(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	var taken atomic.Int64
	results := 0
	for r := range c.UploadAll(t.Context(), "abc", generate(10000, &taken), 4) {
		if !errors.Is(r.Err, commbox.ErrUnauthorized) {
			t.Errorf("error %v", r.Err)
		}
		results++
	}
	if n := int(taken.Load()); results != n || n > 8 {
		t.Errorf("%d results for %d files taken", results, n)
	}
}

func TestUploadAllEndsWithItsConsumer(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	var taken atomic.Int64
	c := s.Client()
	for range c.UploadAll(t.Context(), "abc", generate(1<<30, &taken), 4) {
		break
	}
	if n := taken.Load(); n > 20 {
		t.Errorf("%d files taken", n)
	}
	func() {
		defer func() { _ = recover() }()
		for range c.UploadAll(t.Context(), "abc", generate(1<<30, &taken), 4) {
			panic("the consumer's")
		}
	}()
}

// TestUploadAllPanicsWithItsSequence, also where that does so after the range was
// left.
func TestUploadAllPanicsWithItsSequence(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	for n := range 3 {
		files := func(yield func(commbox.File) bool) {
			for range n {
				if !yield(smallPDF()) {
					break
				}
			}
			panic("the sequence's")
		}
		func() {
			defer func() {
				if p := recover(); p != "the sequence's" {
					t.Errorf("panic %v", p)
				}
			}()
			for range s.Client().UploadAll(t.Context(), "abc", files, 1) {
				break
			}
		}()
	}
}

func TestUploadAllEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Stall(0).Forever())
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	var taken atomic.Int64
	results := 0
	for r := range s.Client().UploadAll(ctx, "abc", generate(1<<30, &taken), 4) {
		if !errors.Is(r.Err, context.Canceled) {
			t.Errorf("error %v", r.Err)
		}
		results++
	}
	if n := int(taken.Load()); results != n || n > 4 {
		t.Errorf("%d results for %d files taken", results, n)
	}
}

// TestUploadAllKnowsPaths: a file that was made of a path is known by it.
func TestUploadAllKnowsPaths(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	missing := filepath.Join(t.TempDir(), "missing.pdf")
	files := slices.Values([]commbox.File{commbox.FromPath(missing), smallPDF()})
	for r := range s.Client().UploadAll(t.Context(), "abc", files, 1, nil, commbox.Header("X-Trace", "7")) {
		if want := [...]string{missing, ""}[r.Index]; r.Path != want || (r.Err != nil) != (want != "") {
			t.Errorf("path %q, error %v", r.Path, r.Err)
		}
	}
	if seen := s.Requests(); len(seen) != 1 || seen[0].Header.Get("X-Trace") != "7" {
		t.Errorf("the option is not in %v", seen)
	}
}
