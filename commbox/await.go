package commbox

import (
	"context"
	"time"
)

// patience is how long something that a context has cancelled is given to end
// by itself before it is left behind.
const patience = 50 * time.Millisecond

// await returns what f does, or the cause of ctx if that ends first: f waits
// for another party and does not know of ctx. It then goes on alone, and drop
// releases what it comes up with.
func await[T any](ctx context.Context, f func() (T, error), drop func(T)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result)
	left := make(chan struct{})
	defer close(left)
	go func() {
		value, err := f()
		select {
		case done <- result{value, err}:
		case <-left:
			if err == nil {
				drop(value)
			}
		}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-done:
		return r.value, r.err
	case <-time.After(patience):
		var none T
		return none, context.Cause(ctx)
	}
}
