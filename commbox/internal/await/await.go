// Package await lets a context rule over a call that does not know of it.
package await

import (
	"context"
	"time"
)

// Grace is how long a call is given to end by itself after its context has
// ended, before it is left behind.
const Grace = 50 * time.Millisecond

// Do returns what f does, or the cause of ctx if that ends first. Then f goes
// on alone, and drop releases the value that it returns. A panic of f becomes
// one of the caller.
func Do[T any](ctx context.Context, f func() (T, error), drop func(T)) (T, error) {
	type result struct {
		value    T
		err      error
		panicked any
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			r.panicked = recover()
			done <- r
		}()
		r.value, r.err = f()
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		select {
		case r = <-done:
		case <-time.After(Grace):
			go func() {
				if r := <-done; r.err == nil && r.panicked == nil {
					drop(r.value)
				}
			}()
			r.err = context.Cause(ctx)
		}
	}
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.value, r.err
}
