package commbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestThrottlingIsShared(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "30")))
	c, clock := fakeClient(s, commbox.WithRetry(commbox.NoRetry()))
	if err := upload(t.Context(), c); !errors.Is(err, commbox.ErrRateLimited) {
		t.Fatal(err)
	}

	ctx, cancel := context.WithDeadline(t.Context(), clock.Now().Add(10*time.Second))
	defer cancel()
	err := upload(ctx, c)
	var e *commbox.Error
	if !errors.As(err, &e) || !errors.Is(err, commbox.ErrRateLimited) || e.RetryAfter != 30*time.Second || e.Attempts != 0 {
		t.Errorf("a call that cannot wait: %#v", err)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests; one was sent while throttled", n)
	}
	if err := upload(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if slept := clock.Slept(); len(slept) != 1 || slept[0] < 30*time.Second || slept[0] > 35*time.Second {
		t.Errorf("slept %v", slept)
	}
}
