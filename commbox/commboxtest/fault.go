package commboxtest

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"time"
)

// Fault is something that goes wrong with one attempt; see [Server.Fail]. It is a
// value: several servers may use the same Fault.
//
// "After n bytes" means that the server has read exactly n bytes of the request body,
// or the whole body if it is shorter. The client may have sent more, because
// operating systems buffer.
type Fault struct {
	name  string
	times int // how many attempts meet it; 0: one; below 0: all
	never bool
	scope scope

	refuse          bool
	continueIgnored bool
	// early answers before the body is read. If it returns nil, the server goes on.
	early func(x *exchange) *answer
	after int64                   // bytes of the body that are read before act
	act   func(x *exchange) error // an error ends the reading
	rate  int64                   // bytes of the body to read per second; 0: no limit
	// answer replaces the answer. If it returns nil, the connection ends without one.
	answer      func(x *exchange, normal *answer) *answer
	unprocessed bool // uploaded files are not stored
	spoiled     bool // no client can use the answer
}

// String returns the name of the fault, as in [Request.Fault].
func (f Fault) String() string { return f.name }

// Times makes n attempts meet the fault, one after the other, like an outage that
// ends by itself.
func (f Fault) Times(n int) Fault {
	f.times, f.never = max(n, 0), n <= 0
	return f
}

// Forever makes every attempt meet the fault until [Server.Recover].
func (f Fault) Forever() Fault {
	f.times, f.never = -1, false
	return f
}

// Status reads the whole request, stores nothing, and answers with the status code.
// The body is the document's example for that status. If the document has none, it is
// a short HTML page like that of a proxy. [Header], [Body], [Empty] and [CutAfter]
// change the answer.
func Status(code int, opts ...AnswerOption) Fault {
	return Fault{
		name:        fmt.Sprintf("status %d", code),
		unprocessed: true,
		answer:      func(x *exchange, _ *answer) *answer { return x.scripted(code, opts) },
	}
}

// Answer is [Status] with the given body.
func Answer(code int, contentType, body string, opts ...AnswerOption) Fault {
	return Status(code, append([]AnswerOption{Body(contentType, body)}, opts...)...)
}

// EarlyAnswer answers with the status code after the header of the request, reads no
// byte of the body, and closes the connection. A client that asked first (Expect:
// 100-continue) gets the answer. A client that is writing may see a connection reset
// before the answer.
func EarlyAnswer(code int, opts ...AnswerOption) Fault {
	return Fault{
		name:  fmt.Sprintf("early answer %d", code),
		early: func(x *exchange) *answer { return x.scripted(code, opts) },
	}
}

// LateAnswer never sends "100 Continue", reads n bytes of the body, answers with the
// status code, and closes the connection. A proxy does so if its backend fails while
// the file is being sent.
func LateAnswer(code int, n int64, opts ...AnswerOption) Fault {
	return Fault{
		name:            fmt.Sprintf("late answer %d after %d bytes", code, n),
		continueIgnored: true,
		early: func(x *exchange) *answer {
			_, _ = io.CopyN(io.Discard, x.body, n) // a shorter body ends before
			return x.scripted(code, opts)
		},
	}
}

// ExpectationFailed answers 417 early to a request with an Expect header, as some
// proxies do. A request without an Expect header is served as usual.
func ExpectationFailed() Fault {
	return Fault{
		name: "expectation failed",
		early: func(x *exchange) *answer {
			if x.r.Header.Get("Expect") == "" {
				return nil
			}
			return x.scripted(http.StatusExpectationFailed, nil)
		},
	}
}

// ContinueIgnored serves the request as usual, but never sends "100 Continue".
func ContinueIgnored() Fault {
	return Fault{name: "continue ignored", continueIgnored: true}
}

// Refuse refuses the connection. With the clients that this package makes
// ([Server.Client], [Server.HTTPClient]) the attempt fails while dialling, with
// [syscall.ECONNREFUSED]. The dialling of any other client cannot be refused: its
// next new connection, or its next request on an open connection, is reset before a
// byte is read.
func Refuse() Fault {
	return Fault{name: "refuse", refuse: true, act: (*exchange).reset}
}

// Reset ends the connection with a TCP reset (also under TLS) after n bytes.
func Reset(n int64) Fault {
	return Fault{name: fmt.Sprintf("reset after %d bytes", n), after: n, act: (*exchange).reset}
}

// Stall stops reading after n bytes. It neither reads nor answers until the client
// has closed the connection or the server is closed.
func Stall(n int64) Fault {
	forever := func(x *exchange) error { return x.stallFor(math.MaxInt64) }
	return Fault{name: fmt.Sprintf("stall after %d bytes", n), after: n, act: forever}
}

// StallFor stops reading after n bytes for the time d, then goes on as usual.
func StallFor(n int64, d time.Duration) Fault {
	stall := func(x *exchange) error { return x.stallFor(d) }
	return Fault{name: fmt.Sprintf("stall after %d bytes for %v", n, d), after: n, act: stall}
}

// Slow reads the body at a rate of bytesPerSecond, then serves the request as
// usual.
func Slow(bytesPerSecond int64) Fault {
	return Fault{name: fmt.Sprintf("slow, %d bytes per second", bytesPerSecond), rate: max(bytesPerSecond, 1)}
}

// Cut processes the request (an upload is stored), announces the whole answer, and
// closes the connection after n bytes of the answer's body. It never sends the last
// byte.
func Cut(n int) Fault {
	return spoiled(fmt.Sprintf("answer cut after %d bytes", n), func(_ *exchange, normal *answer) *answer {
		CutAfter(n)(normal)
		return normal
	})
}

// spoiled makes a fault that spoils the answer to a request that was processed.
func spoiled(name string, answer func(*exchange, *answer) *answer) Fault {
	return Fault{name: name, spoiled: true, answer: answer}
}

// LostAnswer processes the request (an upload is stored) and closes the
// connection without an answer.
func LostAnswer() Fault {
	return spoiled("lost answer", func(*exchange, *answer) *answer { return nil })
}

// Garbled processes the request (an upload is stored) and answers with broken JSON.
func Garbled() Fault {
	return spoiled("garbled answer", func(_ *exchange, normal *answer) *answer {
		half := len(normal.body) / 2
		normal.body = append(normal.body[:half:half], "\x00\xff<garbled>"...)
		return normal
	})
}

// LooseTypes processes the request (an upload is stored) and answers with the types
// that CommBox is known to mix up. Where the document allows a string and a number,
// it sends the other one. Times have no zone. A client must accept such an answer.
func LooseTypes() Fault {
	return Fault{name: "loose types", answer: func(x *exchange, normal *answer) *answer {
		return normal.edit(func(v any) any { return loosened(v, x.answerSchema(normal)) })
	}}
}

// WrongTypes processes the request (an upload is stored) and answers with types that
// no client can use: objects in place of lists, and lists in place of objects.
func WrongTypes() Fault {
	return spoiled("wrong types", func(_ *exchange, normal *answer) *answer { return normal.edit(wronged) })
}
