package commboxtest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/commbox-go/client/commbox/internal/sample"
)

// answer is the answer to one request.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    int  // bytes of the body to send; below 0: all
	close  bool // close the connection after it, even if the request was not read to its end
}

// AnswerOption changes the answer of a fault.
type AnswerOption func(*answer)

// Header sets a header of the answer, for instance Retry-After.
func Header(key, value string) AnswerOption {
	return func(a *answer) { a.header.Set(key, value) }
}

// Body replaces the body of the answer and its content type. The body is sent
// unchanged. An empty content type is not sent.
func Body(contentType, body string) AnswerOption {
	return func(a *answer) {
		a.body = []byte(body)
		a.header["Content-Type"] = nil // also keeps net/http from guessing one
		if contentType != "" {
			a.header.Set("Content-Type", contentType)
		}
	}
}

// Empty removes the body of the answer.
func Empty() AnswerOption { return Body("", "") }

// CutAfter announces the whole answer and closes the connection after n bytes of its
// body. It never sends the last byte.
func CutAfter(n int) AnswerOption {
	return func(a *answer) { a.cut = max(n, 0) }
}

// page is an answer with the HTML page that a proxy or a web server sends when it
// refuses a request itself.
func page(status int) *answer {
	text := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return &answer{
		status: status,
		header: http.Header{"Content-Type": {"text/html"}},
		body:   []byte("<html>\r\n<head><title>" + text + "</title></head>\r\n<body>\r\n<center><h1>" + text + "</h1></center>\r\n</body>\r\n</html>\r\n"),
		cut:    -1,
	}
}

// edit changes the value of a JSON answer. It leaves other answers unchanged.
func (a *answer) edit(change func(any) any) *answer {
	if !sample.IsJSON(a.header.Get("Content-Type")) {
		return a
	}
	if value, err := sample.DecodeJSON(a.body); err == nil {
		a.body = sample.Marshal(change(value))
	}
	return a
}

// send writes the answer. It reports whether the connection may be used again.
func (a *answer) send(w http.ResponseWriter) bool {
	h := w.Header()
	for k, v := range a.header {
		h[k] = v
	}
	if a.close {
		h.Set("Connection", "close")
	}
	if bodyAllowed(a.status) {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	body, whole := a.body, true
	if !bodyAllowed(a.status) {
		body = nil
	}
	if a.cut >= 0 && len(body) > 0 {
		body, whole = body[:min(a.cut, len(body)-1)], false
	}
	_, _ = w.Write(body) // the client may have gone
	if whole && !a.close {
		return true
	}
	_ = http.NewResponseController(w).Flush()
	return false
}

// bodyAllowed reports whether an answer with this status has content (RFC 9110).
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
