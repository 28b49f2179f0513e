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

// envelope has the fields that every answer of CommBox has.
type envelope struct {
	Status       loose     `json:"status"`
	Description  loose     `json:"description"`
	ResponseTime wire.Time `json:"response_time"`
}

// refusal is the envelope of a failure. Each element of Data is a recipient that
// CommBox could not serve.
type refusal struct {
	envelope
	Data []map[string]loose `json:"data"`
}

// loose decodes a string or a number. Any other value leaves it empty, so that one
// field of an unexpected type does not hide the others.
type loose string

func (l *loose) UnmarshalJSON(data []byte) error {
	_ = (*wire.Text)(l).UnmarshalJSON(data)
	return nil
}

// checkSuccess judges a 2xx that the generated code decodes. HEAD, 204 and 205 have
// no content, even if the answer has a content type (RFC 9110, sections 9.3.2,
// 15.3.5 and 15.3.6).
func checkSuccess(resp *http.Response, payload []byte) delivery.Verdict {
	var e envelope
	err := json.Unmarshal(payload, &e)
	hasContent := resp.Request.Method != http.MethodHead && resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusResetContent
	return judge(resp, err, string(e.Status), hasContent && claimsJSON(resp.Header))
}

// checkUpload judges the 2xx of an upload and stores its media in media.
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

// hasID reports whether media has an ID. An ID is opaque; so far it was digits or a
// UUID. A JSON boolean is not an ID.
func hasID(media gen.UploadedMedia) bool {
	id := strings.TrimSpace(string(media.ID))
	return id != "" && id != "true" && id != "false" && !strings.ContainsFunc(id, unicode.IsControl)
}

// judge judges a 2xx by its decoding error and by the status in its envelope, which
// may contradict the HTTP status. A field of an unexpected type is not a failure. An
// incomplete answer without a length was cut off on the way.
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

// claimsJSON reports whether the content type is JSON. This is a hint: an operation
// may also answer with HTML, and only the generated code knows whether it does.
func claimsJSON(h http.Header) bool { return strings.Contains(h.Get("Content-Type"), "json") }
