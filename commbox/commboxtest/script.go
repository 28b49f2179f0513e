package commboxtest

import (
	"net/url"
	"slices"
	"sync"
)

// script is the queue of faults. Its zero value is empty.
type script struct {
	mu     sync.Mutex
	faults []Fault
}

// scope says which attempts a fault is for, or what is known of an attempt. An
// empty field is any.
type scope struct{ operation, stream, file string }

// covers tells whether a fault of that scope is for an attempt.
func (s scope) covers(attempt scope) bool {
	return (s.operation == "" || s.operation == attempt.operation) &&
		(s.stream == "" || s.stream == attempt.stream) &&
		(s.file == "" || s.file == attempt.file)
}

// Fail adds faults to the script. Each attempt that arrives takes the first one
// that is for it, once; the attempts after the last one are served as CommBox
// would. When several arrive at once, each takes another fault. See
// [Fault.Times] and [Fault.Forever] for outages, [Fault.ForStream],
// [Fault.ForFile] and [Fault.ForOperation] for faults that are not for all.
func (s *Server) Fail(faults ...Fault) {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	for _, f := range faults {
		if f.times == 0 {
			f.times = 1
		}
		if !f.never {
			s.script.faults = append(s.script.faults, f)
		}
	}
}

// Recover ends an outage: it forgets the faults that no attempt has taken yet.
func (s *Server) Recover() {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	s.script.faults = nil
}

// Pending is the number of attempts that the script will still fail, -1 if it has
// no end. A test that expects its faults to have happened compares it to 0.
func (s *Server) Pending() int {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	n := 0
	for _, f := range s.script.faults {
		if f.times < 0 {
			return -1
		}
		n += f.times
	}
	return n
}

// ForStream makes the fault one of attempts for a stream ID, raw or
// percent-encoded. What the document calls the first parameter of a path is
// taken for the stream ID.
func (f Fault) ForStream(id string) Fault {
	if decoded, err := url.PathUnescape(id); err == nil {
		id = decoded
	}
	f.scope.stream = id
	return f
}

// ForFile makes the fault one of attempts at a file of that name. The server
// knows the name only when it has read the head of the file's part: a client that
// asks first (Expect: 100-continue) is told to go on, an [EarlyAnswer] has read
// that much, and [Refuse] resets the connection there.
func (f Fault) ForFile(name string) Fault {
	f.scope.file = name
	return f
}

// ForOperation makes the fault one of attempts at the operation with that
// operationId in the document.
func (f Fault) ForOperation(id string) Fault {
	f.scope.operation = id
	return f
}

// wantsFile tells whether the file name of an attempt decides about a fault.
func (s *script) wantsFile(attempt scope) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.faults, func(f Fault) bool {
		attempt.file = f.scope.file
		return f.scope.file != "" && f.scope.covers(attempt)
	})
}

// take consumes the next fault for a request that has arrived.
//
// A request of one of the server's own clients passed takeRefuse before it was
// sent. If a refusal has come to the front since, it is for the next attempt to
// dial, and this one takes the fault behind it.
func (s *script) take(own bool, attempt scope) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.scope.covers(attempt) && (!own || !f.refuse || f.scope.file != "") {
			s.consume(i)
			return f, true
		}
	}
	return Fault{}, false
}

// takeRefuse consumes the next fault for an attempt if it refuses the connection.
func (s *script) takeRefuse(attempt scope) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.scope.covers(attempt) })
	if i < 0 || !s.faults[i].refuse {
		return false
	}
	s.consume(i)
	return true
}

func (s *script) consume(i int) {
	switch f := &s.faults[i]; {
	case f.times > 1:
		f.times--
	case f.times == 1:
		s.faults = slices.Delete(slices.Clone(s.faults), i, i+1)
	}
}
