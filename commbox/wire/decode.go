package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Content is what the document says about the content of an answer.
type Content int

// The kinds of content.
const (
	None  Content = iota // the document has no content
	JSON                 // JSON, which becomes a field of the result
	Other                // another type, maybe beside JSON
)

// Answers are the successful answers that the document has for an operation, by
// status: "200", "2XX". If there are none, every 2xx is a success.
type Answers map[string]Content

// A Refuser is the body of an answer. It makes the error for an answer that cannot be
// used.
type Refuser interface {
	io.ReadCloser
	Refuse(cause error) error
}

// Decode parses an answer. It returns an error, and not a result with only nil
// fields, for a 2xx that is not documented or has another content than documented. If
// the body is a Refuser, it makes the error.
func Decode[T any](rsp *http.Response, parse func(*http.Response) (*T, error), documented Answers) (*T, error) {
	body := rsp.Body
	result, err := parse(rsp)
	if err == nil {
		err = documented.check(rsp)
	}
	if err == nil {
		return result, nil
	}
	if refuser, ok := body.(Refuser); ok {
		err = refuser.Refuse(err)
	}
	return nil, err
}

// check returns an error if a 2xx is not one of the answers. HTML that is not
// documented comes from a proxy between here and CommBox.
func (a Answers) check(rsp *http.Response) error {
	if rsp.StatusCode < 200 || rsp.StatusCode > 299 {
		return nil
	}
	content, ok := a[strconv.Itoa(rsp.StatusCode)]
	if !ok {
		content, ok = a["2XX"]
	}
	mediaType := rsp.Header.Get("Content-Type")
	switch {
	case !ok && len(a) > 0:
		return fmt.Errorf("the document has no answer %d", rsp.StatusCode)
	case content == JSON && rsp.StatusCode != http.StatusNoContent && !strings.Contains(mediaType, "json"):
		return errors.New("the answer is not JSON")
	case content == None && strings.Contains(mediaType, "html"):
		return errors.New("the answer is HTML")
	default:
		return nil
	}
}
