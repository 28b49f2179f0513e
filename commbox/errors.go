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

// The kinds of failure, for errors.Is. An *Error has exactly one kind, or none if
// it only reports that the caller's context has ended. Its cause may match errors
// of other packages as well.
var (
	// ErrInvalidInput: a stream ID, file, name, type, key or option cannot work.
	// Nothing was sent, unless the file became unreadable or changed its size
	// while it was being sent.
	ErrInvalidInput = wire.ErrInvalidInput
	// ErrKeyUnavailable: the key source failed. This attempt sent nothing.
	ErrKeyUnavailable = errors.New("the API key is not available")
	// ErrNotReplayable: another attempt was due, but the file cannot be read a
	// second time, or has changed. The error also has the failure of the
	// attempt before.
	ErrNotReplayable = errors.New("the body cannot be sent again")
	// ErrBadRequest: 400 and every 4xx that is not named below. Trying again does
	// not help.
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
	// ErrConnection: there was no connection, it was lost, its certificate is not
	// trusted, or there was a timeout. Also: this machine cannot open or read the
	// file at the moment (too many open files, an input/output error).
	ErrConnection = errors.New("connection failure")
	// ErrInvalidResponse: a redirect, or a 2xx that cannot be read, is larger than
	// the limit, has no media ID, or came before the file was sent.
	ErrInvalidResponse = errors.New("invalid response")
)

// Error is what a failed call of a Client returns. The fields from StatusCode to
// Body describe the server's last answer, even if a later attempt got no answer.
type Error struct {
	Op             string        // what was being done: "upload media"
	StatusCode     int           // the HTTP status, or the envelope's status if that is a failure in a 2xx; 0: no answer
	Status         string        // the envelope's status
	Description    string        // the envelope's description
	ResponseTime   time.Time     // the envelope's response_time; zero if absent or unreadable
	Failures       []Failure     // the data of a 400's envelope
	RetryAfter     time.Duration // how long the server asked to wait; 0: it did not
	Header         http.Header   // of the answer
	Body           []byte        // the first 4 KiB of the answer
	Attempts       int           // requests made, including the one that failed
	BytesSent      int64         // bytes of the request body handed to the connection in the last attempt
	MaybeDelivered bool          // no usable answer came, but the server may have processed the call
	Err            error         // the cause, if it is not the answer itself

	kind       error  // the sentinel; nil: the caller's context has ended
	retryLater bool   // see RetryLater
	stopReason string // why there was no further attempt, if that is not obvious
}

// Failure is a recipient that CommBox could not serve: one entry of the data of a
// 400.
type Failure struct {
	Recipient string
	Status    string
	Reason    string
}

// maxMessage is the maximum length of a message, in bytes.
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

// breaksLine reports whether r could end a line of a log.
func breaksLine(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }

// joined joins the parts that are not empty.
func joined(parts []string, separator string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}

// advice has the next step for the reader of a message, by status.
var advice = map[int]string{
	http.StatusUnauthorized:          "check the API key, made in the CommBox console under Settings > API",
	http.StatusForbidden:             "check the API key, made in the CommBox console under Settings > API",
	http.StatusNotFound:              "check the stream ID and the base URL",
	http.StatusRequestEntityTooLarge: "the file is larger than the server accepts",
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the kind of e. The kind of an Error that a test
// made by hand follows from its StatusCode.
func (e *Error) Is(target error) bool {
	if e.kind == nil && e.StatusCode != 0 {
		return target == kindOfStatus(e.StatusCode)
	}
	return target != nil && target == e.kind
}

// RetryLater reports whether the same call may succeed later, and how long to wait
// at least (0: not known, choose a wait, such as a minute). It is for a job queue, after
// the retries of a Client have ended: if again is true, the queue delays the job by
// after, else it gives it up. An ErrNotReplayable needs a new File.
//
// RetryLater looks at one call. If the key is refused (ErrUnauthorized) or not
// available, other calls fail too, so a queue should pause and keep its jobs. For
// a nil error, and for an error that is not an *Error, again is false.
func RetryLater(err error) (after time.Duration, again bool) {
	var e *Error
	if !errors.As(err, &e) {
		return 0, false
	}
	byHand := delivery.Failure{Answer: delivery.Answer{Status: e.StatusCode}}
	if !e.retryLater && (e.kind != nil || !byHand.RetryLater() && !errors.Is(e.Err, ErrConnection)) {
		return 0, false
	}
	return e.RetryAfter, true
}

// maxErrorBody is how much of an answer an Error keeps, in bytes.
const maxErrorBody = 4 << 10

// maxErrorText is how much of a field of the envelope an Error keeps, in bytes.
const maxErrorText = 1 << 10

// newError makes the error of a failed call or attempt. No other function makes or
// changes an *Error.
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
	_ = json.Unmarshal(f.Answer.Payload, &r) // if it is not an envelope, r stays empty
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

// notSent makes the error of a call that sent nothing.
func notSent(ctx context.Context, op string, err error) *Error {
	if ctx.Err() != nil {
		return newError(op, &delivery.Failure{Kind: delivery.Ended, Err: delivery.WhyEnded(ctx)})
	}
	return newError(op, &delivery.Failure{Kind: delivery.BadRequest, Err: err})
}

// kindOf returns the sentinel for a failure.
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

// kindOfStatus returns the sentinel for a status.
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

// isTemporary reports whether opening or reading a file failed for a reason that is
// not in the file: this machine lacks a resource, or its disk does not answer.
func isTemporary(err error) bool {
	return slices.ContainsFunc(temporary, func(t error) bool { return errors.Is(err, t) })
}

var temporary = []error{syscall.EMFILE, syscall.ENFILE, syscall.EIO, syscall.ESTALE, syscall.ENOMEM, syscall.ENOSPC}

// bounded returns the first limit bytes of s, or all of it.
func bounded(s string, limit int) string { return strings.ToValidUTF8(s[:min(len(s), limit)], "") }
