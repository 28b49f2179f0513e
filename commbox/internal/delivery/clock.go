package delivery

import (
	"context"
	"math/rand/v2"
	"time"
)

// Clock is what the waits between attempts depend on. The zero Clock is the
// real one.
type Clock struct {
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) // until ctx ends
	Random func() float64                             // uniform in [0, 1)
}

func (c Clock) orReal() Clock {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	return c
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
