package delivery

import "sync/atomic"

// announceFrom is the size in bytes from which a body can be announced before
// it is sent. A smaller one is on its way before an answer could stop it.
const announceFrom = 1 << 20

// announcing decides whether a body is announced with Expect: 100-continue
// (RFC 9110, section 10.1.1), so that a refusal costs no upload. It costs a
// round trip, so that it is made until a body was accepted, and again after any
// failure. One rule for all servers: what a server does with an announcement
// is not learned.
type announcing struct{ accepted atomic.Bool }

// due reports whether a body of size bytes (not positive: not known) is
// announced. One that can be sent only once always is: a refusal that is lost
// to a reset could not be found out by another attempt.
func (a *announcing) due(size int64, once bool) bool {
	large := size <= 0 || size >= announceFrom
	return once || large && !a.accepted.Load()
}
