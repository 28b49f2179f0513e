package delivery

import (
	"sync"
	"time"
)

// watchdog ends the attempts of a client in which nothing moves for too long.
// It has one timer for all of them: one for each costs a small upload a tenth
// of its processor time.
//
// It looks often, so that it notices when the process did not run: what its
// timer comes late by counts for no attempt.
type watchdog struct {
	every time.Duration

	mu       sync.Mutex
	attempts map[*attempt]struct{}
	timer    *time.Timer
	armed    bool
	due      time.Time
}

// newWatchdog returns one for limits of which the shortest is given.
func newWatchdog(shortest time.Duration) *watchdog {
	return &watchdog{every: min(max(shortest/8, time.Millisecond), time.Second), attempts: make(map[*attempt]struct{})}
}

func (w *watchdog) add(a *attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts[a] = struct{}{}
	if !w.armed {
		w.arm()
	}
}

func (w *watchdog) remove(a *attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.attempts, a)
}

// arm sets the timer. The caller holds w.mu.
func (w *watchdog) arm() {
	w.armed, w.due = true, time.Now().Add(w.every)
	if w.timer == nil {
		w.timer = time.AfterFunc(w.every, w.look)
	} else {
		w.timer.Reset(w.every)
	}
}

// look ends the attempts whose time is over.
func (w *watchdog) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.armed = len(w.attempts) > 0; !w.armed {
		return
	}
	now := time.Now()
	for a := range w.attempts {
		if err := a.progress.expired(now, now.Sub(w.due)); err != nil {
			a.cancel(err)
		}
	}
	w.arm()
}
