package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Content is what the document says about the content of an answer: nothing,
// that it is JSON, which becomes a field of the result, or that it is, or may
// be, of another type.
type Content int

// The kinds of content.
const (
	None Content = iota
	JSON
	Other
)

// Answers are the successful answers that the document has for an operation,
// by their status: "200", "2XX". Without one, any 2xx is a success.
type Answers map[string]Content

// A Refuser is the body of an answer that makes the error to return if the
// answer is of no use.
type Refuser interface {
	io.ReadCloser
	Refuse(cause error) error
}

// Decode parses an answer. A 2xx that is not documented, or whose content is
// not what the document says, is an error and not a result in which everything
// is nil. The error comes from the body, if that is a Refuser.
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

// check says why a 2xx is none of the answers. HTML that is not documented comes
// from something between here and CommBox.
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
