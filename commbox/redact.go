package commbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

const redacted = "[API key]"

// redact takes the key out of everything that came from the server, which may
// echo what it was sent, and bounds the body.
func (e *Error) redact(key string) {
	r := redactor(key)
	e.Status, e.Description = r.Replace(e.Status), r.Replace(e.Description)
	for i, f := range e.Failures {
		e.Failures[i] = Failure{r.Replace(f.Recipient), r.Replace(f.Status), r.Replace(f.Reason)}
	}
	header := make(http.Header, len(e.Header))
	for name, values := range e.Header {
		for _, value := range values {
			header[name] = append(header[name], r.Replace(value))
		}
	}
	e.Header = header
	if len(e.Body) > 0 {
		body := r.Replace(string(e.Body))
		e.Body = []byte(body[:min(len(body), maxErrorBody)])
	}
	// net/http quotes an answer that it cannot parse.
	if e.Err != nil {
		if before := e.Err.Error(); before != r.Replace(before) {
			e.Err = errors.New(r.Replace(before))
		}
	}
}

// redactor replaces the key in the forms in which an answer may contain it.
func redactor(key string) *strings.Replacer {
	quoted, _ := json.Marshal(key)
	inJSON := string(quoted[1 : len(quoted)-1])
	return strings.NewReplacer(
		key, redacted,
		inJSON, redacted,
		strings.ReplaceAll(inJSON, "/", `\/`), redacted,
		url.QueryEscape(key), redacted,
		url.PathEscape(key), redacted,
	)
}
