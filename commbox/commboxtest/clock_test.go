package commboxtest_test

import (
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// Ten minutes of throttling by the server's own limit take no time at all, and
// no request comes too early.
func TestClock(t *testing.T) {
	t.Parallel()
	clock := commboxtest.NewClock()
	s := commboxtest.New(t, commboxtest.WithClock(clock), commboxtest.WithRateLimit(1, time.Minute))
	began, at := time.Now(), clock.Now()
	client := s.Client(commbox.WithRetry(commbox.RetryPolicy{MaxAttempts: 4}))
	const uploads = 10
	for range uploads {
		if _, err := client.UploadMedia(t.Context(), "x", commbox.FromBytes("a.pdf", []byte("%PDF-1.7"))); err != nil {
			t.Fatal(err)
		}
	}
	if d := clock.Now().Sub(at); d < (uploads-1)*time.Minute {
		t.Errorf("%d uploads took %v of the clock's time, at one a minute", uploads, d)
	}
	if d := time.Since(began); d > 30*time.Second {
		t.Errorf("the test took %v", d)
	}
	if n := len(clock.Waited()); n < uploads-1 {
		t.Errorf("%d waits", n)
	}
}
