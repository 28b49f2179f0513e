package commbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
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

// checkSuccess judges the 2xx of an operation whose answer is not decoded here.
// An answer of some methods and statuses has no content, whatever type its header
// names (RFC 9110, sections 9.3.2, 15.3.5 and 15.3.6).
func checkSuccess(resp *http.Response, payload []byte) delivery.Verdict {
	status := resp.StatusCode
	if resp.Request.Method == http.MethodHead || status == http.StatusNoContent || status == http.StatusResetContent {
		if len(payload) == 0 {
			return delivery.Verdict{}
		}
	}
	e, err := readEnvelope(payload)
	return judge(resp, err, string(e.Status), claimsJSON(resp.Header, payload))
}

// checkUpload judges the 2xx of an upload and decodes it into answer.
func checkUpload(answer *gen.UploadAnswer) func(*http.Response, []byte) delivery.Verdict {
	return func(resp *http.Response, payload []byte) delivery.Verdict {
		*answer = gen.UploadAnswer{}
		err := json.Unmarshal(payload, answer)
		verdict := judge(resp, err, string(answer.Status), true)
		if verdict == (delivery.Verdict{}) && uploadedMedia(answer) == nil {
			verdict.Err = errNoMedia
		}
		return verdict
	}
}

var errNoMedia = errors.New("the answer has no media ID")

// judge judges a 2xx by the error of decoding it and by the status in its
// envelope, which may contradict HTTP's. That a field is of another type does not
// count. Without a length, an answer that ends too early was cut off on the way.
func judge(resp *http.Response, err error, status string, wantJSON bool) delivery.Verdict {
	var syntax *json.SyntaxError
	switch notJSON := errors.As(err, &syntax); {
	case notJSON && wantJSON:
		unbounded := resp.ContentLength < 0 && len(resp.TransferEncoding) == 0
		return delivery.Verdict{
			Err: fmt.Errorf("the answer is not JSON: %w", err),
			Cut: unbounded && strings.Contains(syntax.Error(), "unexpected end"),
		}
	case notJSON:
		return delivery.Verdict{}
	}
	code, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(status), ".0"))
	if err != nil || code < 400 || code > 599 {
		code = 0
	}
	return delivery.Verdict{Status: code}
}

// objectBegins is how an object of JSON begins. A text may well begin with a
// brace, but hardly so.
var objectBegins = regexp.MustCompile(`^\s*\{\s*("|$)`)

// claimsJSON reports whether an answer that does not parse should have: by its
// type, or by how it begins. What else belongs into an answer, only the generated
// code knows: an operation may answer with HTML.
func claimsJSON(h http.Header, payload []byte) bool {
	mediaType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return strings.HasSuffix(mediaType, "json") || objectBegins.Match(payload)
}
