package faulttest_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/commbox/internal/leaktest"
)

// TestCancelled ends uploads wherever they are: in the key source, while the file
// is opened or read, after so many bytes, during a wait, or at any moment. Each
// returns, with its context's error or a result, has closed its file, and leaves
// neither a goroutine nor a connection.
func TestCancelled(t *testing.T) {
	t.Parallel()
	uploads := count(300, 5000)
	servers := []*commboxtest.Server{commboxtest.New(t), commboxtest.New(t, commboxtest.WithTLS())}
	leaktest.Labelled(t.Name(), func() {
		var scripts sync.Mutex
		each(16, uploads, func(i int) {
			r := rand.New(rand.NewPCG(uint64(i), 0))
			s := servers[r.IntN(len(servers))]
			scripts.Lock()
			if r.IntN(2) == 0 {
				s.Fail(commboxtest.Status(503, commboxtest.Header("Retry-After", "1")))
			}
			scripts.Unlock()
			cancelOne(t, r, s)
		})
	})
	for _, s := range servers {
		s.HTTPClient().CloseIdleConnections()
		s.Close()
	}
	if left := leaktest.Eventually(func() string { return leaktest.Goroutines(t.Name(), "") }); left != "" {
		t.Errorf("goroutines left:\n%s", left)
	}
}

// cancelOne makes one upload and ends it at a point that r chooses.
func cancelOne(t *testing.T, r *rand.Rand, s *commboxtest.Server) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	point := r.IntN(6)
	at := func(p int) {
		if p == point {
			cancel()
		}
	}
	key := commbox.KeyFunc(func(context.Context) (string, error) { at(0); return s.Key(), nil })
	client, err := commbox.New(key, commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.HTTPClient()),
		commbox.WithObserver(func(commbox.Attempt) { at(1) }))
	if err != nil {
		t.Error(err)
		return
	}
	size := 1 + r.Int64N(1<<(10+r.IntN(12)))
	fsys := &contentFS{content: &content{block: make([]byte, 65537), size: size}}
	file := commbox.FromFS(fsys, "offer.pdf")
	open := file.Open
	file.Open = func() (io.ReadCloser, error) { at(2); return open() }
	stop := r.Int64N(size)
	file.Progress = func(sent, _ int64) {
		if sent >= stop {
			at(3)
		}
	}
	switch point {
	case 4:
		cancel()
	case 5:
		defer time.AfterFunc(time.Duration(r.Int64N(int64(10*time.Millisecond))), cancel).Stop()
	}
	_, err = client.UploadMedia(ctx, "abc", file)
	var e *commbox.Error
	if err != nil && (!errors.As(err, &e) || !errors.Is(err, context.Canceled)) {
		t.Errorf("cancelled at point %d: %v", point, err)
	}
	if breach := fsys.broken.Load(); breach != nil {
		t.Errorf("cancelled at point %d: the file was %s", point, *breach)
	}
	closed := func() string {
		if fsys.open.Load() != 0 {
			return "still open"
		}
		return ""
	}
	if left := leaktest.Eventually(closed); left != "" {
		t.Errorf("cancelled at point %d: the file is %s", point, left)
	}
}
