package commbox

import (
	"context"
	"math/rand/v2"
	"time"
)

// Clock is what the waits between attempts depend on; see WithClock. It must be
// safe for concurrent use.
type Clock interface {
	Now() time.Time
	// Sleep blocks for d, or until ctx ends.
	Sleep(ctx context.Context, d time.Duration)
}

// clock is what the delays of a client depend on; tests have their own.
type clock struct {
	now    func() time.Time
	sleep  func(ctx context.Context, d time.Duration) // until ctx ends
	random func() float64                             // uniform in [0, 1)
}

func realClock() clock {
	return clock{now: time.Now, sleep: sleep, random: rand.Float64}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
