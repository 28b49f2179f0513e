package commbox

import (
	"sync"
	"time"
)

// watchdog ends the attempts of a client in which nothing moves for too long.
// It has one timer for all of them: one for each costs a small upload a tenth
// of its processor time.
type watchdog struct {
	shortest time.Duration // of all limits: nothing that begins or moves now is over sooner

	mu       sync.Mutex
	attempts map[*attempt]struct{}
	timer    *time.Timer
	armed    bool
}

func newWatchdog(shortest time.Duration) *watchdog {
	return &watchdog{shortest: shortest, attempts: make(map[*attempt]struct{})}
}

func (w *watchdog) add(a *attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts[a] = struct{}{}
	if !w.armed {
		w.arm(w.shortest)
	}
}

func (w *watchdog) remove(a *attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.attempts, a)
}

// arm sets the timer. The caller holds w.mu.
func (w *watchdog) arm(d time.Duration) {
	w.armed = true
	if w.timer == nil {
		w.timer = time.AfterFunc(d, w.look)
	} else {
		w.timer.Reset(d)
	}
}

// look ends what is over, and comes back when something else can be.
func (w *watchdog) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.armed = len(w.attempts) > 0; !w.armed {
		return
	}
	next := w.shortest
	for a := range w.attempts {
		next = min(next, a.expire())
	}
	w.arm(next)
}
