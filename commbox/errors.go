package commbox

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/commbox-go/client/commbox/wire"
)

// The kinds of failure, for errors.Is. An *Error matches at most one of those
// that stand for a status, and besides whatever its cause matches.
var (
	// ErrInvalidInput: the call cannot work as it is: a stream ID, file, name,
	// type, key or option. Unless the file itself turned out to be unreadable
	// or of another size on the way, nothing was sent.
	ErrInvalidInput = wire.ErrInvalidInput
	// ErrNotReplayable: another attempt was due, but the file cannot be read a
	// second time, or is no longer the same file. The failure that asked for
	// the attempt is in the same error.
	ErrNotReplayable = errors.New("the body cannot be sent again")
	// ErrBadRequest: 400 and the other 4xx that no repetition mends.
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
	// ErrInvalidResponse: a 2xx that cannot be read, is larger than the limit,
	// or has no media ID.
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

	outcome outcome // how the last attempt ended; decides about another one
	asked   bool    // the answer has a Retry-After
	note    string  // why there was no further attempt, if that is not obvious
}

// Failure is one entry of the data of a 400: a recipient that CommBox could
// not serve.
type Failure struct {
	Recipient string
	Status    string
	Reason    string
}

// Error says on one line what was being done, what happened, after how many
// attempts, and what to do about it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("commbox: ")
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	what := e.answer()
	if e.Err != nil {
		what = append(what, e.Err.Error())
	}
	if len(what) == 0 {
		what = append(what, "failed")
	}
	b.WriteString(strings.Join(what, ": "))
	var details []string
	switch {
	case e.Attempts == 1:
		details = append(details, "1 attempt")
	case e.Attempts > 1:
		details = append(details, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if e.note != "" {
		details = append(details, e.note)
	}
	if e.RetryAfter > 0 {
		details = append(details, fmt.Sprintf("retry after %v", e.RetryAfter))
	}
	if len(details) > 0 {
		b.WriteString(" (" + strings.Join(details, "; ") + ")")
	}
	if advice := e.advice(); advice != "" {
		b.WriteString(": " + advice)
	}
	return oneLine(b.String())
}

// answer describes the server's last answer, most general part first.
func (e *Error) answer() []string {
	if e.StatusCode == 0 {
		return nil
	}
	text := http.StatusText(e.StatusCode)
	parts := []string{strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, text))}
	if e.Description != "" && e.Description != text {
		parts = append(parts, e.Description)
	}
	for _, f := range e.Failures {
		parts = append(parts, strings.TrimSpace(f.Recipient+" "+f.Reason))
	}
	return parts
}

// advice is the next step for whoever reads the message.
func (e *Error) advice() string {
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "check the API key, made in the CommBox console under Settings > API"
	case http.StatusNotFound:
		return "check the stream ID and the base URL"
	case http.StatusRequestEntityTooLarge:
		return "the file is larger than the server accepts"
	default:
		return ""
	}
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the sentinel of e's status.
func (e *Error) Is(target error) bool {
	return target != nil && target == sentinel(e.StatusCode)
}

// sentinel is the table from a status to the error that stands for it.
func sentinel(status int) error {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrUnauthorized
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status == http.StatusRequestTimeout, status >= 500 && status <= 599:
		return ErrServer
	case status >= 400 && status <= 499:
		return ErrBadRequest
	default:
		return nil
	}
}

// RetryLater says whether the same call may succeed at another time, and after
// how long at the earliest (0: not known). It is for schedulers above this
// package, whose own retries begin where those of a Client ended: a job queue
// delays by it, and gives up where it says no. It is about the call: where the
// key is refused (ErrUnauthorized) or cannot be had, no other call fares better,
// and a scheduler stops rather than gives up its jobs. An error that is no
// *Error, and a nil error, are not worth another try.
func RetryLater(err error) (after time.Duration, again bool) {
	var e *Error
	if !errors.As(err, &e) {
		return 0, false
	}
	switch {
	case errors.Is(err, ErrInvalidInput):
		return 0, false
	case e.outcome == ended || errors.Is(err, ErrNotReplayable):
		return e.RetryAfter, true
	default:
		return e.RetryAfter, retryable(e, true)
	}
}

// oneLine keeps what a server wrote from breaking the lines of a log.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}
