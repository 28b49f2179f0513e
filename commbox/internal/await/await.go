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
// releases what it comes up with. A panic of f is one of the caller.
func await[T any](ctx context.Context, f func() (T, error), drop func(T)) (T, error) {
	type result struct {
		value    T
		err      error
		panicked any
	}
	done := make(chan result)
	left := make(chan struct{})
	defer close(left)
	go func() {
		var r result
		func() {
			defer func() { r.panicked = recover() }()
			r.value, r.err = f()
		}()
		select {
		case done <- r:
		case <-left:
			if r.err == nil && r.panicked == nil {
				drop(r.value)
			}
		}
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		select {
		case r = <-done:
		case <-time.After(patience):
			r.err = context.Cause(ctx)
		}
	}
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.value, r.err
}
