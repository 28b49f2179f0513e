// Package await makes a call return when a context ends, even if the call ignores
// that context.
package await

import (
	"context"
	"time"
)

// Grace is how long Do still waits for a call after its context has ended.
const Grace = 50 * time.Millisecond

// Do calls f and returns its results, or the cause of ctx if ctx ends first. In that
// case f goes on by itself, and drop releases its value. If f panics before that, Do
// panics.
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
