package delivery

import (
	"context"
	"math/rand/v2"
	"time"
)

// Clock is what the waits between attempts depend on.
type Clock struct {
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) // until ctx ends
	Random func() float64                             // uniform in [0, 1)
}

// RealClock is the one outside tests.
func RealClock() Clock { return Clock{Now: time.Now, Sleep: sleep, Random: rand.Float64} }

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
