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

// scope says which attempts a fault applies to; an empty field means any. It also
// describes an attempt.
type scope struct{ operation, stream, file string }

// covers reports whether a fault with scope s applies to an attempt.
func (s scope) covers(attempt scope) bool {
	return (s.operation == "" || s.operation == attempt.operation) &&
		(s.stream == "" || s.stream == attempt.stream) &&
		(s.file == "" || s.file == attempt.file)
}

// Fail adds faults to the script. Each attempt that arrives takes the first fault that
// applies to it, so attempts that arrive together take different faults. After the
// last fault, attempts are served normally. [Fault.Times] and [Fault.Forever] make an
// outage. [Fault.ForStream], [Fault.ForFile] and [Fault.ForOperation] choose the
// attempts that a fault applies to.
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

// Recover ends an outage: it removes the faults that no attempt has taken yet.
func (s *Server) Recover() {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	s.script.faults = nil
}

// Pending returns the number of attempts that will still meet a fault, or -1 if there
// is no end. It is 0 when all faults of a test have happened.
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

// ForStream limits the fault to attempts with a stream ID, raw or percent-encoded.
// The first parameter of a path counts as the stream ID.
func (f Fault) ForStream(id string) Fault {
	if decoded, err := url.PathUnescape(id); err == nil {
		id = decoded
	}
	f.scope.stream = id
	return f
}

// ForFile limits the fault to attempts to upload a file with that name. To know the
// name, the server has to read the header of the file's part. So a client that asks
// first (Expect: 100-continue) is told to go on, an [EarlyAnswer] comes after that
// header, and [Refuse] resets the connection there.
func (f Fault) ForFile(name string) Fault {
	f.scope.file = name
	return f
}

// ForOperation limits the fault to requests to the operation with that operationId in
// the document.
func (f Fault) ForOperation(id string) Fault {
	f.scope.operation = id
	return f
}

// wantsFile reports whether the fault of an attempt depends on its file name.
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
// A request of a client of this package called takeRefuse before it was sent. A Refuse
// that is the next fault by now is left for the next dial, and this request takes the
// fault after it.
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

// takeRefuse consumes the next fault for an attempt if that is a Refuse.
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
