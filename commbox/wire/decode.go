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
type Content bool

// An answer has content of any type, or none, or nothing but JSON, which is a
// field of the result.
const (
	Any  Content = false
	JSON Content = true
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

// check says why a 2xx is none of the answers.
func (a Answers) check(rsp *http.Response) error {
	if len(a) == 0 || rsp.StatusCode < 200 || rsp.StatusCode > 299 {
		return nil
	}
	content, ok := a[strconv.Itoa(rsp.StatusCode)]
	if !ok {
		content, ok = a["2XX"]
	}
	switch {
	case !ok:
		return fmt.Errorf("the document has no answer %d", rsp.StatusCode)
	case content == JSON && !strings.Contains(rsp.Header.Get("Content-Type"), "json"):
		return errors.New("the answer is not JSON")
	default:
		return nil
	}
}
