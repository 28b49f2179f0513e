package faulttest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// ending is how an upload of the matrix has to end.
type ending struct {
	attempts int
	stored   int    // copies that the server has at the end
	id       string // the media ID, where the server stored nothing for it

	is        error // the kind of failure; nil: none
	cause     error // what else it is
	status    int   // Error.StatusCode
	delivered bool  // Error.MaybeDelivered
	unsent    bool  // not a byte of the body has been sent
}

// stored is success.
func stored(attempts int) ending { return ending{attempts: attempts, stored: 1} }

// failed is a failure that no attempt mends.
func failed(status int, kind error) ending { return ending{attempts: 1, status: status, is: kind} }

// spent is the failure of a source that would have to be read again.
func spent(status int, kind error) ending {
	return ending{attempts: 1, status: status, is: commbox.ErrNotReplayable, cause: kind, delivered: true}
}

func (e ending) after(attempts int) ending { e.attempts = attempts; return e }
func (e ending) copies(stored int) ending  { e.stored = stored; return e }
func (e ending) maybe(d bool) ending       { e.delivered = d; return e }
func (e ending) silent() ending            { e.unsent = true; return e }
func (e ending) last(status int, kind error) ending {
	e.status, e.is, e.cause = status, kind, e.is
	return e
}

// errReset stands for the ways in which a reset shows itself.
var errReset = errors.New("reset")

// matches is errors.Is that knows what a lost connection can look like.
func matches(err, target error) bool {
	switch target {
	case errReset: //nolint:errorlint // the sentinel itself; net.ErrClosed: net/http has seen the reset while reading, and closed the connection under the writer
		return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
	case io.EOF:
		return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	default:
		return errors.Is(err, target)
	}
}

// check returns what is wrong with the end of an upload.
func (e ending) check(media *commbox.Media, err error) error {
	if e.is == nil && e.status == 0 {
		switch {
		case err != nil:
			return err
		case media.Attempts != e.attempts:
			return fmt.Errorf("%d attempts, want %d", media.Attempts, e.attempts)
		default:
			return nil
		}
	}
	var f *commbox.Error
	switch {
	case err == nil:
		return fmt.Errorf("no error, want %q", fmt.Sprint(e.is))
	case !errors.As(err, &f):
		return fmt.Errorf("%T, want an *Error: %w", err, err)
	case e.is != nil && !matches(err, e.is), e.cause != nil && !matches(err, e.cause):
		return fmt.Errorf("want %q and %q in: %w", fmt.Sprint(e.is), fmt.Sprint(e.cause), err)
	case f.StatusCode != e.status || f.Attempts != e.attempts || f.MaybeDelivered != e.delivered:
		return fmt.Errorf("status %d, %d attempts, MaybeDelivered %v; want %d, %d, %v: %w",
			f.StatusCode, f.Attempts, f.MaybeDelivered, e.status, e.attempts, e.delivered, err)
	case e.unsent && f.BytesSent != 0:
		return fmt.Errorf("%d bytes were sent, want none: %w", f.BytesSent, err)
	default:
		return nil
	}
}

// row is a fault of the matrix and what becomes of an upload that meets it.
type row struct {
	name   string
	faults func(size int64) []commboxtest.Fault

	small []ending // of 10 KiB that can be read again: sent at once. More than one: either
	large ending   // of some MiB that can be read again: announced with Expect
	once  ending   // of either size that can be read once: announced too

	patience time.Duration // of the client, where nothing moves; 0: the default
	deadline time.Duration // of the caller; 0: none
	takes    time.Duration // at the least, where it succeeds and was announced
}

// ending returns those that are right for an upload.
func (r row) ending(once bool, size int64) []ending {
	switch {
	case once:
		return []ending{r.once}
	case size < 1<<20:
		return r.small
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
		return row{name: name, faults: faults(f...), small: []ending{e}, large: e, once: e}
	}
	// Repeated by who can.
	each := func(name string, again, once ending, f func(int64) []commboxtest.Fault) row {
		return row{name: name, faults: f, small: []ending{again}, large: again, once: once}
	}
	// What is sent at once may meet a reset before the answer is seen, and is repeated then.
	early := func(status int, kind error) row {
		e := failed(status, kind)
		return row{
			name: fmt.Sprintf("early %d", status), faults: faults(commboxtest.EarlyAnswer(status)),
			small: []ending{e, stored(2)}, large: e.silent(), once: e.silent(),
		}
	}
	// An answer that asks for another attempt.
	status := func(status int, kind error, o ...commboxtest.AnswerOption) row {
		return each(fmt.Sprint(status), stored(2), spent(status, kind), faults(commboxtest.Status(status, o...)))
	}
	named := func(name string, r row) row { r.name = name; return r }
	unusable := failed(200, commbox.ErrInvalidResponse).maybe(true)

	return []row{
		all("no fault", stored(1)),

		// No connection: nothing was read, whatever the source.
		all("refused", stored(2), commboxtest.Refuse()),
		all("refused three times", stored(4), commboxtest.Refuse().Times(3)),
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
		{name: "417", faults: faults(commboxtest.ExpectationFailed()), small: []ending{stored(1)}, large: stored(2), once: stored(2)},
		all("100 Continue never sent", stored(1), commboxtest.ContinueIgnored()),

		// An answer after the body was read. (What is tried again of all statuses has a test of its own.)
		status(408, commbox.ErrServer),
		status(502, commbox.ErrServer),
		named("500, empty", status(500, commbox.ErrServer, commboxtest.Empty())),
		named("503, cut", status(503, commbox.ErrServer, commboxtest.CutAfter(3))),
		each("503, Retry-After", stored(2), spent(503, commbox.ErrServer).maybe(false), faults(commboxtest.Status(503, soon))).waits(time.Second),
		each("429, Retry-After", stored(2), spent(429, commbox.ErrRateLimited).maybe(false), faults(commboxtest.Status(429, soon))).waits(time.Second),
		each("503 for good", failed(503, commbox.ErrServer).after(4).maybe(true), spent(503, commbox.ErrServer), faults(commboxtest.Status(503).Forever())),
		all("400", failed(400, commbox.ErrBadRequest), commboxtest.Status(400)),
		all("401", failed(401, commbox.ErrUnauthorized), commboxtest.Status(401)),
		all("501", failed(501, commbox.ErrServer), commboxtest.Status(501)),
		all("307", failed(307, nil), commboxtest.Status(307, elsewhere)),

		// A 2xx that is not what it should be.
		each("answer cut", stored(2).copies(2), spent(200, commbox.ErrInvalidResponse).copies(1), faults(commboxtest.Cut(20))),
		each("answer garbled", stored(2).copies(2), spent(200, commbox.ErrInvalidResponse).copies(1), faults(commboxtest.Garbled())),
		each("200, HTML", stored(2), spent(200, commbox.ErrInvalidResponse), faults(commboxtest.Answer(200, "text/html", "<html>Sign in</html>"))),
		each("200, empty", stored(2), spent(200, commbox.ErrInvalidResponse), faults(commboxtest.Status(200, commboxtest.Empty()))),
		each("200 that says 503", stored(2), spent(503, commbox.ErrServer), faults(commboxtest.Answer(200, json, `{"status":503}`))),
		all("200 that says 400", failed(400, commbox.ErrBadRequest), commboxtest.Answer(200, json, `{"status":"400"}`)),
		all("types mixed up", stored(1), commboxtest.LooseTypes()),
		all("types wrong", unusable.copies(1), commboxtest.WrongTypes()),
		all("no media ID", unusable, commboxtest.Answer(200, json, `{"status":"200","data":[]}`)),
		all("answer too large", unusable, commboxtest.Answer(200, json, `{"status":"200"`+strings.Repeat(" ", 1<<20)+`}`)),
		all("ID as a number", ending{attempts: 1, id: "4711"}, commboxtest.Answer(200, json, `{"status":200,"data":[{"id":4711}]}`)),

		// One after the other. The server's last answer is not lost because later attempts got none.
		each("refused, 503, reset", stored(4), spent(503, commbox.ErrServer).after(2),
			faults(commboxtest.Refuse(), commboxtest.Status(503), commboxtest.Reset(2000))),
		each("early 503, 500, lost, cut", failed(200, commbox.ErrInvalidResponse).after(4).copies(2).maybe(true), spent(500, commbox.ErrServer).after(2),
			faults(commboxtest.EarlyAnswer(503), commboxtest.Status(500), commboxtest.LostAnswer(), commboxtest.Cut(20))),
		each("502, then reset for good", failed(0, errReset).after(4).maybe(true).last(502, commbox.ErrServer), spent(502, commbox.ErrServer),
			faults(commboxtest.Status(502), commboxtest.Reset(2000).Forever())),
	}
}
