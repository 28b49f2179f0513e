package delivery

import (
	"context"
	"testing"
	"time"
)

// TestWatchdogThatComesLate: time in which the process did not run (SIGSTOP, a
// suspended laptop) is no stall, and what its timer comes late by is that time.
func TestWatchdogThatComesLate(t *testing.T) {
	t.Parallel()
	for what, row := range map[string]struct {
		late time.Duration
		ends bool
	}{
		"in time":             {0, true},
		"a little late":       {time.Second, true},
		"stopped for an hour": {time.Hour, false},
	} {
		w := newWatchdog(time.Hour)
		w.every = time.Hour // look is called here
		ctx, cancel := context.WithCancelCause(t.Context())
		w.add(&progress{cancel: cancel, response: time.Minute, moved: time.Now().Add(-time.Hour)})
		w.due = time.Now().Add(-row.late)
		w.look()
		if ended := ctx.Err() != nil; ended != row.ends {
			t.Errorf("%s: the attempt has ended: %v", what, ended)
		}
		cancel(nil)
	}
}
