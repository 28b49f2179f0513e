package commbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/commbox-go/client/commbox/internal/delivery"
	"github.com/commbox-go/client/commbox/wire"
	"github.com/commbox-go/client/gen"
)

// envelope is what every answer of CommBox is wrapped in.
type envelope struct {
	Status       loose     `json:"status"`
	Description  loose     `json:"description"`
	ResponseTime wire.Time `json:"response_time"`
}

// refusal is the envelope of a failure. Its rows have the recipients that CommBox
// could not serve.
type refusal struct {
	envelope
	Data []map[string]loose `json:"data"`
}

// loose is a string or a number, and empty where there is something else: one
// field of an unexpected type does not hide the others.
type loose string

func (l *loose) UnmarshalJSON(data []byte) error {
	_ = (*wire.Text)(l).UnmarshalJSON(data)
	return nil
}

// checkSuccess judges the 2xx of an operation whose answer is not decoded here.
// The answers of some methods and statuses have no content, whatever type they
// claim (RFC 9110, sections 9.3.2, 15.3.5 and 15.3.6).
func checkSuccess(resp *http.Response, payload []byte) delivery.Verdict {
	var e envelope
	err := json.Unmarshal(payload, &e)
	hasContent := resp.Request.Method != http.MethodHead && resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusResetContent
	return judge(resp, err, string(e.Status), hasContent && claimsJSON(resp.Header))
}

// checkUpload judges the 2xx of an upload, and finds the media in it.
func checkUpload(media *gen.UploadedMedia) func(*http.Response, []byte) delivery.Verdict {
	return func(resp *http.Response, payload []byte) delivery.Verdict {
		var answer gen.UploadAnswer
		err := json.Unmarshal(payload, &answer)
		verdict := judge(resp, err, string(answer.Status), true)
		if i := slices.IndexFunc(answer.Data, hasID); i >= 0 {
			*media = answer.Data[i]
		} else if verdict == (delivery.Verdict{}) {
			verdict = delivery.Verdict{Kind: delivery.Useless, Err: errors.New("the answer has no media ID")}
		}
		return verdict
	}
}

// hasID reports whether there is an ID, which is opaque: digits or a UUID until
// now. A truth value is none.
func hasID(media gen.UploadedMedia) bool {
	id := strings.TrimSpace(string(media.ID))
	return id != "" && id != "true" && id != "false" && !strings.ContainsFunc(id, unicode.IsControl)
}

// judge judges a 2xx by the error of decoding it and by the status in its
// envelope, which may contradict HTTP's. That a field is of another type does not
// count. Without a length, an answer that ends too early was cut off on the way.
func judge(resp *http.Response, err error, status string, wantJSON bool) delivery.Verdict {
	var syntax *json.SyntaxError
	switch notJSON := errors.As(err, &syntax); {
	case notJSON && wantJSON:
		kind := delivery.Useless
		if resp.ContentLength < 0 && len(resp.TransferEncoding) == 0 && strings.Contains(syntax.Error(), "unexpected end") {
			kind = delivery.Lost
		}
		return delivery.Verdict{Kind: kind, Err: fmt.Errorf("the answer is not JSON: %w", err)}
	case notJSON:
		return delivery.Verdict{}
	}
	code, _ := strconv.ParseFloat(strings.TrimSpace(status), 64) // JSON has one kind of number
	if code >= 400 && code < 600 {
		return delivery.Verdict{Status: int(code)}
	}
	return delivery.Verdict{}
}

// claimsJSON reports whether an answer is JSON by its type, which is a hint. An
// operation may answer with HTML: that, only the generated code knows.
func claimsJSON(h http.Header) bool { return strings.Contains(h.Get("Content-Type"), "json") }
