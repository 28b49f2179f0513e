package commboxtest

import "sync"

// script is the queue of faults. Its zero value is empty.
type script struct {
	mu     sync.Mutex
	faults []Fault
}

// Fail adds faults to the script. Each attempt that arrives takes the next one,
// once; the attempts after the last one are served as CommBox would. When several
// arrive at once, each takes another fault. See [Fault.Times] and
// [Fault.Forever] for outages.
func (s *Server) Fail(faults ...Fault) { s.script.add(faults) }

// Recover ends an outage: it forgets the faults that no attempt has taken yet.
func (s *Server) Recover() { s.script.clear() }

// Pending is the number of attempts that the script will still fail, -1 if it has
// no end. A test that expects its faults to have happened compares it to 0.
func (s *Server) Pending() int { return s.script.pending() }

func (s *script) add(faults []Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		if f.times == 0 {
			continue
		}
		s.faults = append(s.faults, f)
	}
}

func (s *script) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *script) pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.faults {
		if f.times < 0 {
			return -1
		}
		n += f.times
	}
	return n
}

// take consumes the next fault for a request that has arrived.
//
// A request of one of the server's own clients passed takeRefuse before it was
// sent. If a refusal has come to the front since, it is for the next attempt to
// dial, and this one takes the fault behind it.
func (s *script) take(own bool) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if own && f.refuse {
			continue
		}
		s.consume(i)
		return f, true
	}
	return Fault{}, false
}

// takeRefuse consumes the next fault if it refuses the connection.
func (s *script) takeRefuse() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 || !s.faults[0].refuse {
		return false
	}
	s.consume(0)
	return true
}

func (s *script) consume(i int) {
	f := &s.faults[i]
	switch {
	case f.times > 1:
		f.times--
	case f.times == 1:
		s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
	}
}
