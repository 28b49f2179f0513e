package commbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/commbox-go/client/commbox/wire"
	"github.com/commbox-go/client/gen"
)

var (
	errTooLarge = errors.New("the answer is larger than the limit")
	errNotJSON  = errors.New("the answer is not JSON")
	errNoMedia  = fmt.Errorf("%w: the answer has no media ID", ErrInvalidResponse)
)

// How much of an answer an Error keeps.
const (
	maxErrorBody = 4 << 10 // bytes
	maxErrorText = 1 << 10 // bytes of a field of the envelope
	maxFailures  = 100
)

// envelope is what every answer of CommBox is wrapped in.
type envelope struct {
	Status       loose           `json:"status"`
	Description  loose           `json:"description"`
	ResponseTime wire.Time       `json:"response_time"`
	Data         json.RawMessage `json:"data"`
}

// loose is a string or a number, and empty where there is something else: one
// field of an unexpected type does not hide the others.
type loose string

func (l *loose) UnmarshalJSON(data []byte) error {
	_ = (*wire.Text)(l).UnmarshalJSON(data)
	return nil
}

// isJSON reports whether decoding failed for no worse reason than the type of
// a field, or not at all.
func isJSON(err error) bool {
	var syntax *json.SyntaxError
	return !errors.As(err, &syntax)
}

// parseEnvelope reads what it can; what is no envelope is an empty one.
func parseEnvelope(answer []byte) (e envelope, err error) {
	err = json.Unmarshal(answer, &e)
	return e, err
}

// failureStatus is the status of an envelope that contradicts HTTP's 2xx, else 0.
func failureStatus(status string) int {
	code, err := strconv.ParseFloat(strings.TrimSpace(status), 64)
	if err != nil || code < 400 || code >= 600 {
		return 0
	}
	return int(code)
}

// judge returns the failure that an answer amounts to, or nil. readErr is what
// ended the reading of its body.
func (r *run) judge(resp *http.Response, answer []byte, readErr error) *Error {
	f := &Error{StatusCode: resp.StatusCode, Header: resp.Header, Body: answer}
	f.BytesSent, _ = r.attempt.sent()
	f.RetryAfter, f.asked = retryAfter(resp.Header, r.clock.now())
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		f.MaybeDelivered = true
		if !r.refuse(f, answer, readErr) {
			return nil
		}
	}
	f.describe(answer)
	if f.outcome == answered {
		f.MaybeDelivered = retryable(f, true) && !retryable(f, false)
	}
	f.redact(r.key)
	return f
}

// refuse reports whether a 2xx is a failure all the same, and makes f that.
func (r *run) refuse(f *Error, answer []byte, readErr error) bool {
	switch {
	case readErr != nil && r.ctx.Err() != nil:
		f.outcome, f.Err = ended, whyEnded(r.ctx)
		return true
	case errors.Is(readErr, errTooLarge):
		f.outcome, f.Err = unusable, fmt.Errorf("%w: %w of %d bytes", ErrInvalidResponse, readErr, r.maxResponse)
		return true
	case readErr != nil:
		f.outcome, f.Err = broken, fmt.Errorf("%w: reading the answer: %w", ErrInvalidResponse, r.attempt.cause(readErr))
		return true
	case r.call.answer == nil && len(answer) == 0 && !hasContent(r.req.Method, f.StatusCode):
		return false
	}
	status, err := r.decode(answer)
	code := failureStatus(status)
	switch {
	case !isJSON(err) && (r.call.answer != nil || claimsJSON(f.Header, answer)):
		f.outcome, f.Err = broken, fmt.Errorf("%w: %w: %w", ErrInvalidResponse, errNotJSON, err)
	case code != 0:
		f.StatusCode = code
	case r.call.answer != nil && mediaOf(r.call.answer) == nil:
		f.outcome, f.Err = unusable, errNoMedia
	default:
		return false
	}
	return true
}

// decode returns the status in the envelope of a 2xx. The answer of an upload
// is decoded into its type on the way.
func (r *run) decode(answer []byte) (status string, err error) {
	if a := r.call.answer; a != nil {
		*a = gen.UploadAnswer{}
		err = json.Unmarshal(answer, a)
		return string(a.Status), err
	}
	e, err := parseEnvelope(answer)
	return string(e.Status), err
}

// describe fills in what the envelope says.
func (e *Error) describe(answer []byte) {
	env, _ := parseEnvelope(answer)
	e.Status, e.Description, e.ResponseTime = bounded(env.Status), bounded(env.Description), env.ResponseTime.Time
	var data []struct {
		Recipient loose `json:"recipient"`
		Status    loose `json:"status"`
		Failed    loose `json:"failed"`
	}
	if json.Unmarshal(env.Data, &data) != nil {
		return
	}
	for _, d := range data[:min(len(data), maxFailures)] {
		failure := Failure{Recipient: bounded(d.Recipient), Status: bounded(d.Status), Reason: bounded(d.Failed)}
		if failure != (Failure{}) {
			e.Failures = append(e.Failures, failure)
		}
	}
}

// bounded is the part of a text that an Error keeps.
func bounded(s loose) string { return strings.ToValidUTF8(string(s[:min(len(s), maxErrorText)]), "") }

// adoptAnswer takes over the answer of an earlier attempt.
func (e *Error) adoptAnswer(from *Error) {
	e.StatusCode, e.Status, e.Description = from.StatusCode, from.Status, from.Description
	e.ResponseTime, e.Failures, e.RetryAfter = from.ResponseTime, from.Failures, from.RetryAfter
	e.Header, e.Body = from.Header, from.Body
}

// withBody gives the generated code an answer that it decodes: what parses as
// JSON is called so, without a byte order mark.
func (r *run) withBody(resp *http.Response, answer []byte) *http.Response {
	if !strings.Contains(resp.Header.Get("Content-Type"), "json") && json.Valid(answer) {
		resp.Header.Set("Content-Type", "application/json")
	}
	body := &memory{run: r, resp: resp, answer: answer}
	body.Reset(answer)
	resp.Body = body
	resp.ContentLength = int64(len(answer))
	resp.Request = r.req // not the one with the key
	return resp
}

// memory is an answer that has been read.
type memory struct {
	bytes.Reader
	run    *run
	resp   *http.Response
	answer []byte
}

func (*memory) Close() error { return nil }

// Refuse implements wire.Refuser: the generated code has no use for the answer.
func (m *memory) Refuse(cause error) error {
	r := m.run
	f := &Error{
		Op: r.call.op, StatusCode: m.resp.StatusCode, Header: m.resp.Header, Body: m.answer, Attempts: r.attempts,
		MaybeDelivered: true, Err: cause, outcome: unusable,
	}
	f.BytesSent, _ = r.attempt.sent()
	f.describe(m.answer)
	f.redact(r.key)
	f.Err = fmt.Errorf("%w: %w", ErrInvalidResponse, f.Err)
	return f
}

// hasContent reports whether an answer has content at all, whatever type its
// header names (RFC 9110, sections 9.3.2, 15.3.5 and 15.3.6).
func hasContent(method string, status int) bool {
	return method != http.MethodHead && status != http.StatusNoContent && status != http.StatusResetContent
}

// claimsJSON reports whether an answer that does not parse should have: by its
// type, or by how it begins. A text may well begin with a brace, but hardly as
// an object does. What else belongs into an answer, only the generated code
// knows: an operation may answer with HTML.
func claimsJSON(h http.Header, answer []byte) bool {
	if inside, ok := bytes.CutPrefix(bytes.TrimSpace(answer), []byte("{")); ok {
		if inside = bytes.TrimSpace(inside); len(inside) == 0 || inside[0] == '"' {
			return true
		}
	}
	mediaType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return strings.HasSuffix(mediaType, "json")
}

func withoutBOM(data []byte) []byte {
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
}
