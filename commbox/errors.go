package commbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/commbox-go/client/commbox/internal/delivery"
	"github.com/commbox-go/client/commbox/wire"
)

// The kinds of failure, for errors.Is. An *Error is of exactly one kind, or only
// of the caller's context; its cause may match errors of other packages.
var (
	// ErrInvalidInput: the call cannot work as it is: a stream ID, file, name,
	// type, key or option. Unless the file turned out to be unreadable or of
	// another size on the way, nothing was sent.
	ErrInvalidInput = wire.ErrInvalidInput
	// ErrKeyUnavailable: the key source has failed. Nothing was sent by this
	// attempt.
	ErrKeyUnavailable = errors.New("the API key is not available")
	// ErrNotReplayable: another attempt was due, but the file cannot be read a
	// second time, or is no longer the same file. The failure that asked for
	// the attempt is in the same error.
	ErrNotReplayable = errors.New("the body cannot be sent again")
	// ErrBadRequest: 400 and the other 4xx that no repetition changes.
	ErrBadRequest = errors.New("bad request")
	// ErrUnauthorized: 401 and 403.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrNotFound: 404.
	ErrNotFound = errors.New("not found")
	// ErrRateLimited: 429, or a call that was not sent because CommBox had
	// throttled this client shortly before.
	ErrRateLimited = errors.New("rate limited")
	// ErrServer: 5xx and 408.
	ErrServer = errors.New("server failure")
	// ErrConnection: no connection, an untrusted or a lost one, a timeout, or a
	// machine that cannot open or read the file at the moment (too many open
	// files, an input/output error).
	ErrConnection = errors.New("connection failure")
	// ErrInvalidResponse: a 2xx that cannot be read, is larger than the limit,
	// has no media ID or came before the file was sent; a redirect.
	ErrInvalidResponse = errors.New("invalid response")
)

// Error is what a failed call of a Client returns. The fields from
// StatusCode to Body describe the last answer of the server, also when a later
// attempt got none.
type Error struct {
	Op             string        // what was being done: "upload media"
	StatusCode     int           // of HTTP, or of the envelope where that is worse than HTTP's 2xx; 0: no answer
	Status         string        // the envelope's status
	Description    string        // the envelope's description
	ResponseTime   time.Time     // the envelope's response_time; zero if absent or unreadable
	Failures       []Failure     // the envelope's data of a 400
	RetryAfter     time.Duration // how long the server asked to wait; 0: it did not
	Header         http.Header   // of the answer
	Body           []byte        // the first 4 KiB of the answer
	Attempts       int           // requests made, the failed one included
	BytesSent      int64         // bytes of the request body handed to the connection in the last attempt
	MaybeDelivered bool          // the server may have processed the call although no usable answer came
	Err            error         // the cause, if it is not the answer itself

	kind       error  // the sentinel; nil: the caller's context
	retryLater bool   // see RetryLater
	stopReason string // why there was no further attempt, if that is not obvious
}

// Failure is one entry of the data of a 400: a recipient that CommBox could
// not serve.
type Failure struct {
	Recipient string
	Status    string
	Reason    string
}

// maxMessage is the largest length of a message in bytes.
const maxMessage = 2 << 10

// Error says on one line what was being done, what happened, after how many
// attempts, and what to do about it, in at most 2 KiB.
func (e *Error) Error() string {
	what := []string{"commbox", e.Op}
	if e.StatusCode != 0 {
		what = append(what, strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, cmp.Or(e.Description, http.StatusText(e.StatusCode)))))
	}
	for _, f := range e.Failures {
		what = append(what, strings.TrimSpace(f.Recipient+" "+f.Reason))
	}
	if e.Err != nil {
		what = append(what, e.Err.Error())
	}

	how := []string{"", e.stopReason}
	switch {
	case e.Attempts == 1:
		how[0] = "1 attempt"
	case e.Attempts > 1:
		how[0] = fmt.Sprintf("%d attempts", e.Attempts)
	}
	if e.RetryAfter > 0 {
		how = append(how, fmt.Sprintf("retry after %v", cmp.Or(e.RetryAfter.Round(time.Second), e.RetryAfter)))
	}
	var end string
	if details := joined(how, "; "); details != "" {
		end = " (" + details + ")"
	}
	if next := advice[e.StatusCode]; next != "" {
		end += ": " + next
	}
	message := bounded(joined(what, ": "), maxMessage-len(end)) + end
	return strings.Join(strings.FieldsFunc(message, breaksLine), " ")
}

// breaksLine finds what a server may have written to break the lines of a log.
func breaksLine(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }

// joined are the parts that are not empty.
func joined(parts []string, separator string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}

// advice is the next step for whoever reads the message, by the status.
var advice = map[int]string{
	http.StatusUnauthorized:          "check the API key, made in the CommBox console under Settings > API",
	http.StatusForbidden:             "check the API key, made in the CommBox console under Settings > API",
	http.StatusNotFound:              "check the stream ID and the base URL",
	http.StatusRequestEntityTooLarge: "the file is larger than the server accepts",
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the kind of e. One that a test made by hand is
// of the kind of its status.
func (e *Error) Is(target error) bool {
	if e.kind == nil && e.StatusCode != 0 {
		return target == kindOfStatus(e.StatusCode)
	}
	return target != nil && target == e.kind
}

// RetryLater says whether the same call may succeed at another time, and after
// how long at the earliest (0: not known). It is for schedulers above this
// package, whose own retries begin where those of a Client ended: a job queue
// delays by it, and gives up where it says no. It is about the call: where the
// key is refused (ErrUnauthorized) or not available, no other call fares
// better, and a scheduler pauses rather than gives up its jobs. An error that
// is no *Error, and a nil error, are not worth another try.
func RetryLater(err error) (after time.Duration, again bool) {
	var e *Error
	if !errors.As(err, &e) {
		return 0, false
	}
	byHand := delivery.Failure{Answer: delivery.Answer{Status: e.StatusCode}}
	if !e.retryLater && (e.kind != nil || !byHand.RetryLater()) {
		return 0, false
	}
	return e.RetryAfter, true
}

// maxErrorBody is how much of an answer an Error keeps, in bytes.
const maxErrorBody = 4 << 10

// maxErrorText is how much of a field of the envelope it keeps, in bytes.
const maxErrorText = 1 << 10

// newError makes the error of a failed call or attempt. Nothing else makes an
// *Error, and nothing changes one.
func newError(op string, f *delivery.Failure) *Error {
	hide, kind := redactor(f.Keys), kindOf(f)
	e := &Error{
		Op: op, Attempts: f.Attempts, BytesSent: f.BytesSent, MaybeDelivered: f.MaybeDelivered,
		RetryAfter: f.RetryAfter, Err: hide.err(f.Err), stopReason: f.StopReason,
		kind: kind, retryLater: !errors.Is(kind, ErrInvalidInput) && (f.RetryLater() || isTemporary(f.Err)),
	}
	if f.Answer.Status == 0 {
		return e
	}
	text := func(l loose) string { return bounded(hide.text(string(l)), maxErrorText) }
	var r refusal
	_ = json.Unmarshal(f.Answer.Payload, &r) // what is no envelope is an empty one
	e.StatusCode, e.Header = f.Answer.Status, hide.header(f.Answer.Header)
	e.Status, e.Description, e.ResponseTime = text(r.Status), text(r.Description), r.ResponseTime.Time
	for _, row := range r.Data {
		if failure := (Failure{text(row["recipient"]), text(row["status"]), text(row["failed"])}); failure != (Failure{}) {
			e.Failures = append(e.Failures, failure)
		}
	}
	body := hide.text(string(f.Answer.Payload))
	e.Body = []byte(body[:min(len(body), maxErrorBody)])
	return e
}

// notSent is the error of a call of which nothing was sent.
func notSent(ctx context.Context, op string, err error) *Error {
	if ctx.Err() != nil {
		return newError(op, &delivery.Failure{Kind: delivery.Ended, Err: delivery.WhyEnded(ctx)})
	}
	return newError(op, &delivery.Failure{Kind: delivery.BadRequest, Err: err})
}

// kindOf is the table from a failure to the sentinel that stands for it.
func kindOf(f *delivery.Failure) error {
	switch {
	case f.Kind == delivery.BadRequest && isTemporary(f.Err):
		return ErrConnection
	case f.Kind == delivery.BadRequest, f.Kind == delivery.NoKey && errors.Is(f.Err, ErrInvalidInput):
		return ErrInvalidInput
	case f.Kind == delivery.NoKey:
		return ErrKeyUnavailable
	case f.Kind == delivery.NotReplayable:
		return ErrNotReplayable
	case f.Kind == delivery.Throttled:
		return ErrRateLimited
	case f.Kind == delivery.Useless:
		return ErrInvalidResponse
	case f.Answer.Status != 0:
		return kindOfStatus(f.Answer.Status)
	case f.Kind == delivery.Ended:
		return nil
	default:
		return ErrConnection
	}
}

// kindOfStatus is the table from a status to the sentinel that stands for it.
func kindOfStatus(status int) error {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrUnauthorized
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status == http.StatusRequestTimeout, status >= 500:
		return ErrServer
	case status >= 400:
		return ErrBadRequest
	default:
		return ErrInvalidResponse
	}
}

// isTemporary reports a failure to open or read a file that says nothing about
// the file: the machine is short of something, or its disk does not answer.
func isTemporary(err error) bool {
	return slices.ContainsFunc(temporary, func(t error) bool { return errors.Is(err, t) })
}

var temporary = []error{syscall.EMFILE, syscall.ENFILE, syscall.EIO, syscall.ESTALE, syscall.ENOMEM, syscall.ENOSPC}

// bounded is the start of a text, of at most limit bytes.
func bounded(s string, limit int) string { return strings.ToValidUTF8(s[:min(len(s), limit)], "") }
