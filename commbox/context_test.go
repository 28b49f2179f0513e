package commbox_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestDeadlineDuringWait checks that the answer is not lost when a wait that
// could have ended in time is interrupted.
func TestDeadlineDuringWait(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(503).Forever())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := commboxtest.NewClock()
	c := s.Client().WithClock(f.Now, func(context.Context, time.Duration) { cancel() }, func() float64 { return 1 })
	err := upload(ctx, c)
	var e *commbox.Error
	if !errors.As(err, &e) || !errors.Is(err, context.Canceled) || !errors.Is(err, commbox.ErrServer) || e.StatusCode != 503 {
		t.Fatalf("error %#v", err)
	}
}

func TestCallerRules(t *testing.T) {
	t.Parallel()
	faults := map[string]commboxtest.Fault{
		"while sending":              commboxtest.Stall(1 << 20),
		"while waiting for answers":  commboxtest.Stall(8 << 20),
		"while waiting for a repeat": commboxtest.Status(503, commboxtest.Header("Retry-After", "60")),
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			s.Fail(fault.Forever())
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("the shop has closed")
			time.AfterFunc(100*time.Millisecond, func() { cancel(why) })
			start := time.Now()
			_, err := s.Client().UploadMedia(ctx, "abc", commbox.FromBytes("a.pdf", make([]byte, 8<<20)))
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			var e *commbox.Error
			if !errors.As(err, &e) || !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
				t.Fatalf("error %v", err)
			}
		})
	}
}

// TestContextRulesOverSources that wait before the first byte, and before the
// first byte of a second attempt.
func TestContextRulesOverSources(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(503))
	never := make(chan struct{})
	defer close(never)
	opened := 0
	reopened := commbox.File{Name: "a.pdf", Size: 4, Open: func() (io.ReadCloser, error) {
		if opened++; opened > 1 {
			<-never
		}
		return io.NopCloser(strings.NewReader("%PDF")), nil
	}}
	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	begun, more := io.Pipe()
	defer func() { _ = more.Close() }()
	go func() { _, _ = more.Write(make([]byte, 1000)) }()
	stops := commbox.File{Name: "a.pdf", Size: 5000, Open: func() (io.ReadCloser, error) { return begun, nil }}
	f := commboxtest.NewClock()
	c := s.Client().WithClock(f.Now, f.Sleep, func() float64 { return 0 })
	for name, file := range map[string]commbox.File{
		"a silent pipe": commbox.FromReader("a.pdf", r), "a slow Open": reopened, "a small file that stops": stops,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		start := time.Now()
		_, err := c.UploadMedia(ctx, "abc", file)
		cancel()
		var e *commbox.Error
		if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
			t.Errorf("%s: error %v after %v", name, err, time.Since(start))
		}
	}
}

// TestReaderThatBlocks: the caller's context rules over a source that does not
// yield, and over one that is refused meanwhile.
func TestReaderThatBlocks(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]commboxtest.Fault{"stalled": commboxtest.Stall(1 << 30), "refused": commboxtest.EarlyAnswer(401)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			s.Fail(fault)
			r, w := io.Pipe()
			defer func() { _ = w.Close() }()
			go func() { _, _ = w.Write(make([]byte, 32<<10)) }()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			start := time.Now()
			_, err := s.Client().UploadMedia(ctx, "abc", commbox.FromReader("a.pdf", r))
			if err == nil || time.Since(start) > 10*time.Second {
				t.Errorf("error %v after %v", err, time.Since(start))
			}
			if name == "refused" && !errors.Is(err, commbox.ErrUnauthorized) {
				t.Errorf("error %v", err)
			}
		})
	}
}
