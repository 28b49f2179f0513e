package commbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/commbox-go/client/commbox/wire"
)

var (
	errTooLarge = errors.New("the answer is larger than the limit")
	errNotJSON  = errors.New("the answer is not JSON")
)

// maxErrorBody is how much of an answer an Error keeps, in bytes.
const maxErrorBody = 4 << 10

// envelope is what every answer of CommBox is wrapped in. Its fields are read
// one by one, so that one of an unexpected type does not hide the others.
type envelope struct {
	Status       json.RawMessage `json:"status"`
	Description  json.RawMessage `json:"description"`
	ResponseTime json.RawMessage `json:"response_time"`
	Data         json.RawMessage `json:"data"`
}

// parseEnvelope reports whether data is JSON at all; what is JSON but no
// object is an empty envelope.
func parseEnvelope(data []byte) (envelope, error) {
	var e envelope
	err := json.Unmarshal(data, &e)
	if typeError := (*json.UnmarshalTypeError)(nil); errors.As(err, &typeError) {
		return envelope{}, nil
	}
	return e, err
}

// failure is the status of an envelope that contradicts HTTP's 2xx, else 0.
func (e envelope) failure() int {
	code, err := strconv.Atoi(strings.TrimSpace(text(e.Status)))
	if err != nil || code < 400 || code > 599 {
		return 0
	}
	return code
}

// text is a JSON string or number as text, and nothing for other values.
func text(raw json.RawMessage) string {
	var t wire.Text
	if len(raw) == 0 || json.Unmarshal(raw, &t) != nil {
		return ""
	}
	return string(t)
}

// judge returns the failure that an answer amounts to, or nil. err is what
// ended the reading of its body.
func (r *run) judge(resp *http.Response, answer []byte, err error) *Error {
	f := &Error{StatusCode: resp.StatusCode, Header: resp.Header}
	f.BytesSent, _ = r.attempt.sent()
	f.RetryAfter, f.asked = retryAfter(resp.Header, r.clock.now())
	answer = withoutBOM(answer)

	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		e, _ := parseEnvelope(answer)
		f.describe(e, answer)
		f.MaybeDelivered = maybeDelivered(f)
		return f
	}
	switch {
	case err != nil && r.ctx.Err() != nil:
		f.outcome, f.Err = ended, r.ctx.Err()
	case errors.Is(err, errTooLarge):
		f.outcome, f.Err = unusable, fmt.Errorf("%w: %w of %d bytes", ErrInvalidResponse, err, r.maxResponse)
	case err != nil:
		f.outcome, f.Err = broken, fmt.Errorf("%w: reading the answer: %w", ErrInvalidResponse, r.attempt.cause(err))
	}
	if f.Err == nil {
		e, err := parseEnvelope(answer)
		switch {
		case err != nil && (r.call.wantsJSON || claimsJSON(resp.Header, answer)):
			f.outcome, f.Err = broken, fmt.Errorf("%w: %w: %w", ErrInvalidResponse, errNotJSON, err)
		case e.failure() == 0:
			return nil
		default:
			f.StatusCode = e.failure()
			f.describe(e, answer)
			f.MaybeDelivered = maybeDelivered(f)
			return f
		}
	}
	f.MaybeDelivered = true
	f.Body = answer
	return f
}

// describe fills in what the envelope says.
func (e *Error) describe(env envelope, answer []byte) {
	e.Status, e.Description = text(env.Status), text(env.Description)
	e.ResponseTime = wire.ParseTime(text(env.ResponseTime))
	e.Body = answer
	var data []struct {
		Recipient json.RawMessage `json:"recipient"`
		Status    json.RawMessage `json:"status"`
		Failed    json.RawMessage `json:"failed"`
	}
	if json.Unmarshal(env.Data, &data) != nil {
		return
	}
	for _, d := range data {
		failure := Failure{Recipient: text(d.Recipient), Status: text(d.Status), Reason: text(d.Failed)}
		if failure != (Failure{}) {
			e.Failures = append(e.Failures, failure)
		}
	}
}

// adoptAnswer takes over the answer of an earlier attempt.
func (e *Error) adoptAnswer(from *Error) {
	e.StatusCode, e.Status, e.Description = from.StatusCode, from.Status, from.Description
	e.ResponseTime, e.Failures, e.RetryAfter = from.ResponseTime, from.Failures, from.RetryAfter
	e.Header, e.Body = from.Header, from.Body
}

// withBody gives the generated code an answer that it decodes: what parses as
// JSON is called so, without a byte order mark.
func withBody(resp *http.Response, req *http.Request, answer []byte) *http.Response {
	answer = withoutBOM(answer)
	if json.Valid(answer) {
		resp.Header.Set("Content-Type", "application/json")
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	resp.ContentLength = int64(len(answer))
	resp.Request = req // not the one with the key
	return resp
}

// claimsJSON reports whether an answer that does not parse should have: by its
// type, by its first byte, or because it is the HTML of something in between.
func claimsJSON(h http.Header, answer []byte) bool {
	if start := bytes.TrimSpace(answer); len(start) > 0 && start[0] == '{' {
		return true
	}
	mediaType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return strings.HasSuffix(mediaType, "json") || mediaType == "text/html"
}

func withoutBOM(data []byte) []byte {
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
}
