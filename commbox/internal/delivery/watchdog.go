package delivery

import (
	"sync"
	"time"
)

// watchdog ends the attempts of a client in which nothing moves for too long. It has
// one timer for all attempts: a timer for each would cost a small upload a tenth of
// its processor time.
//
// It looks often, so that it notices when the process was paused: the time by which
// its timer is late is not counted.
type watchdog struct {
	every time.Duration

	mu       sync.Mutex
	attempts map[*progress]struct{}
	due      time.Time // the time of the next look; zero: none is planned
}

// newWatchdog returns a watchdog for time limits, the shortest of which is given.
func newWatchdog(shortest time.Duration) *watchdog {
	return &watchdog{every: min(max(shortest/8, time.Millisecond), time.Second), attempts: make(map[*progress]struct{})}
}

func (w *watchdog) add(p *progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts[p] = struct{}{}
	if w.due.IsZero() {
		w.arm()
	}
}

func (w *watchdog) remove(p *progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.attempts, p)
}

// arm plans the next look. The caller holds w.mu.
func (w *watchdog) arm() {
	w.due = time.Now().Add(w.every)
	time.AfterFunc(w.every, w.look)
}

// look ends the attempts whose time is over.
func (w *watchdog) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.attempts) == 0 {
		w.due = time.Time{}
		return
	}
	now := time.Now()
	for p := range w.attempts {
		if err := p.expired(now, now.Sub(w.due)); err != nil {
			p.cancel(err)
		}
	}
	w.arm()
}
