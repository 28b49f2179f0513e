package commbox

import (
	"errors"
	"net/http/httptrace"
	"net/textproto"
)

// trace has net/http tell of the connection: only with that can a failure be
// told from one where nothing was sent. It asks for no more than the attempt
// needs.
func (a *attempt) trace() *httptrace.ClientTrace {
	t := &httptrace.ClientTrace{
		GetConn: func(string) {
			a.note(func() { a.asked++; a.connected = false; a.start(connecting) })
		},
		GotConn: func(httptrace.GotConnInfo) {
			a.note(func() { a.connected = true; a.start(a.first()) })
		},
	}
	if a.inMemory {
		t.WroteRequest = func(httptrace.WroteRequestInfo) {
			a.note(func() { a.written = true; a.start(answering) })
		}
	}
	if a.expected {
		t.Wait100Continue = func() { a.note(func() { a.waited = true; a.start(answering) }) }
		t.Got100Continue = func() { a.note(func() { a.continued = true }) }
		t.GotFirstResponseByte = func() { a.note(func() { a.firstByte = true }) }
		t.Got1xxResponse = func(int, textproto.MIMEHeader) (err error) {
			a.note(func() {
				a.firstByte = false
				if a.interim++; a.interim > maxInterim {
					err = errInterim
				}
			})
			return err
		}
	}
	return t
}

// maxInterim is how many answers of 1xx are borne before the final one.
const maxInterim = 32

var errInterim = errors.New("too many interim answers")

func (a *attempt) note(what func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	what()
	a.wake.Broadcast()
}

// first is the phase that begins with a connection.
func (a *attempt) first() phase {
	if a.hasBody {
		return sending
	}
	return answering
}

// refusing reports whether the server is answering without having asked for
// the body that it was to ask for. The caller holds a.mu.
func (a *attempt) refusing() bool { return a.expected && a.firstByte && !a.continued }

// sent returns the bytes of the body that were taken, and whether sending
// began: without a connection, or with a body of which nothing was taken, the
// server has nothing that it could process. A body in memory is taken at once.
func (a *attempt) sent() (bytes int64, began bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.body != nil {
		return a.body.taken, a.body.taken > 0
	}
	if began = a.connected || a.asked == 0; began && a.inMemory {
		bytes = a.req.ContentLength
	}
	return bytes, began
}

// isWritten reports whether net/http is certainly done with a body in memory:
// where it has tried a second connection, the word may be of either.
func (a *attempt) isWritten() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.written && a.asked == 1
}

// ignoredExpect reports whether the server took the whole body without having
// said 100 Continue. A refusal that comes late does not mean that.
func (a *attempt) ignoredExpect() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waited && !a.continued && a.body.complete
}

// inputError is the failure to read the body, if that is what ended the attempt.
func (a *attempt) inputError() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.body == nil {
		return nil
	}
	return a.body.err
}
