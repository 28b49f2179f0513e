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

	"github.com/commbox-go/client/commbox/internal/delivery"
	"github.com/commbox-go/client/commbox/wire"
	"github.com/commbox-go/client/gen"
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

// readEnvelope reads what it can; what is no envelope is an empty one.
func readEnvelope(payload []byte) (e envelope, err error) {
	err = json.Unmarshal(payload, &e)
	return e, err
}

// failures are the rows of the data of a refused request.
func (e envelope) failures() (failures []Failure) {
	var data []struct {
		Recipient loose `json:"recipient"`
		Status    loose `json:"status"`
		Failed    loose `json:"failed"`
	}
	if json.Unmarshal(e.Data, &data) != nil {
		return nil
	}
	for _, d := range data[:min(len(data), maxFailures)] {
		failure := Failure{Recipient: string(d.Recipient), Status: string(d.Status), Reason: string(d.Failed)}
		if failure != (Failure{}) {
			failures = append(failures, failure)
		}
	}
	return failures
}

// failureStatus is the status of an envelope that contradicts HTTP's 2xx, else
// 0.
func failureStatus(status string) int {
	code, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(status), ".0"))
	if err != nil || code < 400 || code > 599 {
		return 0
	}
	return code
}

// checkSuccess judges the 2xx of an operation whose answer is not decoded here.
func checkSuccess(resp *http.Response, payload []byte) delivery.Verdict {
	if len(payload) == 0 && !hasContent(resp.Request.Method, resp.StatusCode) {
		return delivery.Verdict{}
	}
	e, err := readEnvelope(payload)
	if isJSON(err) {
		return delivery.Verdict{Status: failureStatus(string(e.Status))}
	}
	if claimsJSON(resp.Header, payload) {
		return notJSON(resp, err)
	}
	return delivery.Verdict{}
}

// checkUpload judges the 2xx of an upload and decodes it into answer.
func checkUpload(answer *gen.UploadAnswer) func(*http.Response, []byte) delivery.Verdict {
	return func(resp *http.Response, payload []byte) delivery.Verdict {
		*answer = gen.UploadAnswer{}
		err := json.Unmarshal(payload, answer)
		status := failureStatus(string(answer.Status))
		switch {
		case !isJSON(err):
			return notJSON(resp, err)
		case status != 0:
			return delivery.Verdict{Status: status}
		case uploadedMedia(answer) == nil:
			return delivery.Verdict{Err: errNoMedia}
		default:
			return delivery.Verdict{}
		}
	}
}

var errNoMedia = errors.New("the answer has no media ID")

// notJSON is the verdict on an answer that does not parse. Without a length, an
// answer that ends too early was cut off on the way.
func notJSON(resp *http.Response, err error) delivery.Verdict {
	var syntax *json.SyntaxError
	unbounded := resp.ContentLength < 0 && len(resp.TransferEncoding) == 0
	return delivery.Verdict{
		Err: fmt.Errorf("the answer is not JSON: %w", err),
		Cut: unbounded && errors.As(err, &syntax) && strings.Contains(syntax.Error(), "unexpected end"),
	}
}

// isJSON reports whether decoding failed for no worse reason than the type of
// a field, or not at all.
func isJSON(err error) bool {
	var syntax *json.SyntaxError
	return !errors.As(err, &syntax)
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
func claimsJSON(h http.Header, payload []byte) bool {
	if inside, ok := bytes.CutPrefix(bytes.TrimSpace(payload), []byte("{")); ok {
		if inside = bytes.TrimSpace(inside); len(inside) == 0 || inside[0] == '"' {
			return true
		}
	}
	mediaType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return strings.HasSuffix(mediaType, "json")
}
