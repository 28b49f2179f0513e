package faulttest_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// row is a fault of the matrix and what becomes of an upload that meets it.
type row struct {
	name   string
	faults func(size int64) []commboxtest.Fault

	small []ending // of 10 KiB that can be read again: sent at once. More than one: either
	large ending   // of some MiB that can be read again: announced with Expect
	once  []ending // of some MiB that can be read once: announced too. A small one is in memory, like the others

	transport func(http.RoundTripper) http.RoundTripper // of the client; nil: as it is
	patience  time.Duration                             // of the client, where nothing moves; 0: the default
	deadline  time.Duration                             // of the caller; 0: none
	takes     time.Duration                             // at the least, where it succeeds and was announced
}

// ending returns those that are right for an upload.
func (r row) ending(once bool, size int64) []ending {
	switch {
	case size < 1<<20:
		return r.small
	case once:
		return r.once
	default:
		return []ending{r.large}
	}
}

// hurried makes the client wait seconds where it would wait for minutes.
func (r row) hurried() row { r.patience = time.Duration(count(2, 3)) * time.Second; return r }

func (r row) until(d time.Duration) row { r.deadline = d; return r }
func (r row) waits(d time.Duration) row { r.takes = d; return r }

// idle reports whether uploads spend their time waiting.
func (r row) idle() bool { return r.patience > 0 || r.deadline > 0 || r.takes > 0 }

// atHalf is a fault in the middle of a file.
func atHalf(fault func(int64) commboxtest.Fault) func(int64) []commboxtest.Fault {
	return func(size int64) []commboxtest.Fault { return []commboxtest.Fault{fault(size / 2)} }
}

// matrixRows has every fault of commboxtest, and sequences of them.
func matrixRows() []row {
	const (
		json  = "application/json"
		after = 1 << 40 // bytes: more than any body has
	)
	soon := commboxtest.Header("Retry-After", "1")
	elsewhere := commboxtest.Header("Location", "http://127.0.0.1:1/")

	faults := func(f ...commboxtest.Fault) func(int64) []commboxtest.Fault {
		return func(int64) []commboxtest.Fault { return f }
	}
	// The same for all.
	all := func(name string, e ending, f ...commboxtest.Fault) row {
		return row{name: name, faults: faults(f...), small: []ending{e}, large: e, once: []ending{e}}
	}
	// Repeated by who can.
	each := func(name string, again, once ending, f func(int64) []commboxtest.Fault) row {
		return row{name: name, faults: f, small: []ending{again}, large: again, once: []ending{once}}
	}
	// What is sent at once may meet a reset before the answer is seen, and is repeated then.
	early := func(status int, kind error) row {
		e := failed(status, kind)
		return row{
			name: fmt.Sprintf("early %d", status), faults: faults(commboxtest.EarlyAnswer(status)),
			small: []ending{e, stored(2)}, large: e.silent(), once: []ending{e.silent()},
		}
	}
	// An answer that asks for another attempt.
	status := func(status int, o ...commboxtest.AnswerOption) row {
		return each(fmt.Sprint(status), stored(2), spent(status, nil), faults(commboxtest.Status(status, o...)))
	}
	named := func(name string, r row) row { r.name = name; return r }
	unusable := failed(200, commbox.ErrInvalidResponse).maybe(true)

	return []row{
		all("no fault", stored(1)),

		// No connection: nothing was read, whatever the source.
		all("refused", stored(2), commboxtest.Refuse()),
		all("refused three times", stored(4), commboxtest.Refuse().Times(3)),
		{name: "no descriptor left", faults: faults(), small: []ending{stored(2)}, large: stored(2), once: []ending{stored(2)}, transport: withoutDescriptors},
		all("refused for good", failed(0, syscall.ECONNREFUSED).after(4).silent(), commboxtest.Refuse().Forever()),

		// The connection is lost.
		each("reset at the header", stored(2), stored(2), faults(commboxtest.Reset(0))),
		each("reset in the middle", stored(2), spent(0, errReset), atHalf(commboxtest.Reset)),
		each("reset after the body", stored(2), spent(0, errReset), faults(commboxtest.Reset(after))),
		each("reset for good", failed(0, errReset).after(4).maybe(true), spent(0, errReset), faults(commboxtest.Reset(2000).Forever())),
		each("answer lost", stored(2).copies(2), spent(0, io.EOF).copies(1), faults(commboxtest.LostAnswer())),

		// Nothing moves.
		each("stall at the header", stored(2), spent(0, os.ErrDeadlineExceeded), faults(commboxtest.Stall(0))).hurried(),
		each("stall in the middle", stored(2), spent(0, os.ErrDeadlineExceeded), atHalf(commboxtest.Stall)).hurried(),
		each("no answer", stored(2), spent(0, os.ErrDeadlineExceeded), faults(commboxtest.Stall(after))).hurried(),
		each("stall, caller's deadline", failed(0, context.DeadlineExceeded).maybe(true), failed(0, context.DeadlineExceeded).maybe(true),
			atHalf(commboxtest.Stall)).until(2 * time.Second),
		each("stall that ends", stored(1), stored(1),
			atHalf(func(n int64) commboxtest.Fault { return commboxtest.StallFor(n, 200*time.Millisecond) })),
		each("slow reading", stored(1), stored(1),
			func(size int64) []commboxtest.Fault { return []commboxtest.Fault{commboxtest.Slow(size * 4)} }),

		// An answer before the body is read: what was announced is not sent.
		early(401, commbox.ErrUnauthorized),
		early(413, commbox.ErrBadRequest),
		all("early 503", stored(2), commboxtest.EarlyAnswer(503)),
		all("early 429, Retry-After", stored(2), commboxtest.EarlyAnswer(429, soon)).waits(time.Second),
		{name: "417", faults: faults(commboxtest.ExpectationFailed()), small: []ending{stored(1)}, large: stored(2), once: []ending{stored(2)}},
		all("100 Continue never sent", stored(1), commboxtest.ContinueIgnored()),
		{
			// No success, unless all that was to be sent is on its way by then.
			name: "success before the body", faults: faults(earlySuccess()),
			small: []ending{stored(2), {attempts: 1, id: earlyID}}, large: stored(2), once: []ending{stored(2)},
		},
		{
			// The answer may be lost to the reset of a connection that is written to.
			name: "late 503", faults: faults(commboxtest.LateAnswer(503, 4<<10)), small: []ending{stored(2)}, large: stored(2),
			once: []ending{spent(503, nil), spent(0, errReset)},
		},

		// An answer after the body was read. (What is tried again of all statuses has a test of its own.)
		status(408),
		status(502),
		named("500, empty", status(500, commboxtest.Empty())),
		named("503, cut", status(503, commboxtest.CutAfter(3))),
		each("503, Retry-After", stored(2), spent(503, nil).maybe(false), faults(commboxtest.Status(503, soon))).waits(time.Second),
		each("429, Retry-After", stored(2), spent(429, nil).maybe(false), faults(commboxtest.Status(429, soon))).waits(time.Second),
		each("503 for good", failed(503, commbox.ErrServer).after(4).maybe(true), spent(503, nil), faults(commboxtest.Status(503).Forever())),
		all("400", failed(400, commbox.ErrBadRequest), commboxtest.Status(400)),
		all("401", failed(401, commbox.ErrUnauthorized), commboxtest.Status(401)),
		all("501", failed(501, commbox.ErrServer), commboxtest.Status(501)),
		all("307", failed(307, nil), commboxtest.Status(307, elsewhere)),

		// A 2xx that is not what it should be.
		each("answer cut", stored(2).copies(2), spent(200, nil).copies(1), faults(commboxtest.Cut(20))),
		all("answer garbled", unusable.copies(1), commboxtest.Garbled()),
		all("200, HTML", unusable, commboxtest.Answer(200, "text/html", "<html>Sign in</html>")),
		all("200, empty", unusable, commboxtest.Status(200, commboxtest.Empty())),
		each("200 that says 503", stored(2), spent(503, nil), faults(commboxtest.Answer(200, json, `{"status":503}`))),
		all("200 that says 400", failed(400, commbox.ErrBadRequest), commboxtest.Answer(200, json, `{"status":"400"}`)),
		all("types mixed up", stored(1), commboxtest.LooseTypes()),
		all("types wrong", unusable.copies(1), commboxtest.WrongTypes()),
		all("no media ID", unusable, commboxtest.Answer(200, json, `{"status":"200","data":[]}`)),
		all("answer too large", unusable, commboxtest.Answer(200, json, `{"status":"200"`+strings.Repeat(" ", 1<<20)+`}`)),
		all("ID as a number", ending{attempts: 1, id: "4711"}, commboxtest.Answer(200, json, `{"status":200,"data":[{"id":4711}]}`)),

		// One after the other. The server's last answer is not lost because later attempts got none.
		each("refused, 503, reset", stored(4), spent(503, nil).after(2),
			faults(commboxtest.Refuse(), commboxtest.Status(503), commboxtest.Reset(2000))),
		each("early 503, 500, lost, cut", failed(200, commbox.ErrInvalidResponse).after(4).copies(2).maybe(true), spent(500, nil).after(2),
			faults(commboxtest.EarlyAnswer(503), commboxtest.Status(500), commboxtest.LostAnswer(), commboxtest.Cut(20))),
		each("502, then reset for good", failed(0, errReset).after(4).maybe(true).last(502, commbox.ErrServer), spent(502, nil),
			faults(commboxtest.Status(502), commboxtest.Reset(2000).Forever())),
	}
}

// earlyID is the media ID of a success that comes before the file is read.
const earlyID = "1700000000000001"

func earlySuccess() commboxtest.Fault {
	return commboxtest.EarlyAnswer(200, commboxtest.Body("application/json", `{"status":"200","data":[{"id":"`+earlyID+`"}]}`))
}

// withoutDescriptors fails to open the first connection, as where the table of
// files is full.
func withoutDescriptors(next http.RoundTripper) http.RoundTripper {
	full := &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}
	}}
	return &firstBy{full: full, next: next}
}

// firstBy sends the first request by another transport than the others.
type firstBy struct {
	full, next http.RoundTripper
	used       atomic.Bool
}

func (f *firstBy) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.used.CompareAndSwap(false, true) {
		return f.full.RoundTrip(r)
	}
	return f.next.RoundTrip(r)
}
