package commboxtest

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"time"
)

// Fault is one thing that goes wrong with one attempt; see [Server.Fail]. It is
// a value: the same one may be given to several servers.
//
// "After n bytes" means: the server has read n bytes of the request's body (or
// the whole of a shorter one) and not one more. Operating systems buffer, so that
// a client may have got rid of more.
type Fault struct {
	name  string
	times int // attempts it is for; 0: one; below 0: all
	never bool
	scope scope

	refuse          bool
	continueIgnored bool
	// early answers before anything of the body is read. A nil answer: go on.
	early func(x *exchange) *answer
	after int64                   // bytes of the body, and then
	act   func(x *exchange) error // this happens; an error ends the reading
	rate  int64                   // bytes of the body that are read in a second; 0: any number
	// answer replaces the answer. nil: the connection ends without one.
	answer      func(x *exchange, normal *answer) *answer
	unprocessed bool // what was uploaded is not stored
	spoiled     bool // no client can make use of the answer
}

// String names the fault, as [Request.Fault] does.
func (f Fault) String() string { return f.name }

// Times makes the fault happen to n attempts one after the other: an outage that
// ends by itself.
func (f Fault) Times(n int) Fault {
	f.times, f.never = max(n, 0), n <= 0
	return f
}

// Forever makes the fault happen to every attempt until [Server.Recover].
func (f Fault) Forever() Fault {
	f.times, f.never = -1, false
	return f
}

// Status reads the whole request, stores nothing, and answers with the status
// code. The body is the document's example for that status, or where the
// document has none a short HTML page as proxies send it. See [Header], [Body],
// [Empty] and [CutAfter] to change the answer.
func Status(code int, opts ...AnswerOption) Fault {
	return Fault{
		name:        fmt.Sprintf("status %d", code),
		unprocessed: true,
		answer:      func(x *exchange, _ *answer) *answer { return x.scripted(code, opts) },
	}
}

// Answer is [Status] with a body of its own, sent as it is.
func Answer(code int, contentType, body string, opts ...AnswerOption) Fault {
	return Status(code, append([]AnswerOption{Body(contentType, body)}, opts...)...)
}

// EarlyAnswer answers with the status code as soon as the header of the request
// is there, reads no byte of the body, and closes the connection. A client that
// asked first (Expect: 100-continue) gets the answer. One that is writing may
// find its connection reset before it has seen it.
func EarlyAnswer(code int, opts ...AnswerOption) Fault {
	return Fault{
		name:  fmt.Sprintf("early answer %d", code),
		early: func(x *exchange) *answer { return x.scripted(code, opts) },
	}
}

// LateAnswer never sends "100 Continue", reads n bytes of the body, answers with
// the status code, and closes the connection: a proxy that finds its backend gone
// when the file is on its way.
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

// ExpectationFailed answers 417 early to a request with an Expect header, as
// some proxies do. A request without one is served as usual.
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

// ContinueIgnored serves the request as usual, but never sends the
// "100 Continue" that it may have asked for.
func ContinueIgnored() Fault {
	return Fault{name: "continue ignored", continueIgnored: true}
}

// Refuse refuses the connection. For the clients that this package makes
// ([Server.Client], [Server.HTTPClient]) the attempt fails with
// [syscall.ECONNREFUSED] while dialling. For any other client, whose dialling is
// the business of the operating system, the next connection that it opens (or the
// next request on one that was open) is reset before a byte is read.
func Refuse() Fault {
	return Fault{name: "refuse", refuse: true, act: (*exchange).reset}
}

// Reset ends the connection with a TCP reset (also under TLS) after n bytes.
func Reset(n int64) Fault {
	return Fault{name: fmt.Sprintf("reset after %d bytes", n), after: n, act: (*exchange).reset}
}

// Stall stops reading after n bytes and neither reads nor answers any more,
// until the client is seen to have left or the server closes.
func Stall(n int64) Fault {
	forever := func(x *exchange) error { return x.stallFor(math.MaxInt64) }
	return Fault{name: fmt.Sprintf("stall after %d bytes", n), after: n, act: forever}
}

// StallFor stops reading after n bytes for the time d, then goes on as if
// nothing had been.
func StallFor(n int64, d time.Duration) Fault {
	stall := func(x *exchange) error { return x.stallFor(d) }
	return Fault{name: fmt.Sprintf("stall after %d bytes for %v", n, d), after: n, act: stall}
}

// Slow reads the body at a rate of bytesPerSecond, then serves the request as
// usual.
func Slow(bytesPerSecond int64) Fault {
	return Fault{name: fmt.Sprintf("slow, %d bytes per second", bytesPerSecond), rate: max(bytesPerSecond, 1)}
}

// Cut processes the request (an upload is stored), announces the whole answer
// and closes the connection after the first n bytes of its body, always before
// the last one.
func Cut(n int) Fault {
	return spoiled(fmt.Sprintf("answer cut after %d bytes", n), func(_ *exchange, normal *answer) *answer {
		CutAfter(n)(normal)
		return normal
	})
}

// spoiled is a fault of the answer to a request that was processed.
func spoiled(name string, answer func(*exchange, *answer) *answer) Fault {
	return Fault{name: name, spoiled: true, answer: answer}
}

// LostAnswer processes the request (an upload is stored) and closes the
// connection without an answer.
func LostAnswer() Fault {
	return spoiled("lost answer", func(*exchange, *answer) *answer { return nil })
}

// Garbled processes the request (an upload is stored) and answers with a body
// that is no JSON any more.
func Garbled() Fault {
	return spoiled("garbled answer", func(_ *exchange, normal *answer) *answer {
		half := len(normal.body) / 2
		normal.body = append(normal.body[:half:half], "\x00\xff<garbled>"...)
		return normal
	})
}

// LooseTypes processes the request (an upload is stored) and answers with types
// that CommBox is known to mix up: where the document allows a string and a
// number, with the other one; times without a zone. A client must understand it.
func LooseTypes() Fault {
	return Fault{name: "loose types", answer: func(x *exchange, normal *answer) *answer {
		return normal.edit(func(v any) any { return loosened(v, x.answerSchema(normal)) })
	}}
}

// WrongTypes processes the request (an upload is stored) and answers with types
// that nobody can make sense of: lists and objects change places.
func WrongTypes() Fault {
	return spoiled("wrong types", func(_ *exchange, normal *answer) *answer { return normal.edit(wronged) })
}
