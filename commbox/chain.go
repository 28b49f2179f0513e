package commbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/commbox-go/client/commbox/internal/delivery"
)

// apiDoer is what every generated operation goes through. It implements
// gen.HttpRequestDoer.
type apiDoer struct{ client *Client }

// Do sends a request. A failure is an *Error.
func (d apiDoer) Do(req *http.Request) (*http.Response, error) {
	op := req.Method + " " + shortPath(req.URL)
	// Without GetBody, the body is a reader of the caller's, such as a pipe.
	result, err := d.client.deliver(op, delivery.Call{
		Request: req, MayBlock: req.GetBody == nil, RepeatSafe: slices.Contains(repeatSafe, req.Method), Judge: checkSuccess,
	})
	if err != nil {
		return nil, err
	}
	resp := result.Response
	if !claimsJSON(resp.Header) && json.Valid(result.Payload) {
		resp.Header.Set("Content-Type", "application/json") // the generated code decodes JSON only with this type
	}
	refuse := func(cause error) error { return newError(op, result.Useless(cause)) }
	resp.Body = &payload{bytes.NewReader(result.Payload), refuse}
	resp.ContentLength = int64(len(result.Payload))
	return resp, nil
}

// deliver sends every request to CommBox: it reads the options of the call, then
// retry → per attempt: key → timeouts → round trip → bounded answer → verdict.
// A failure is an *Error.
func (c *Client) deliver(op string, call delivery.Call) (delivery.Result, error) {
	err := checkRequest(call.Request)
	if c.delivery == nil {
		err = invalid("the Client was not made by New")
	}
	if err != nil {
		if call.Request.Body != nil {
			_ = call.Request.Body.Close()
		}
		return delivery.Result{}, notSent(call.Request.Context(), op, err)
	}
	options := optionsOf(call.Request)
	call.RepeatSafe = call.RepeatSafe || options.RepeatSafe
	call.MaxAttempts, call.Key = options.MaxAttempts, options.Key
	call.Observe = c.observing(op, call.Request)
	result, failure := c.delivery.Do(call)
	if failure != nil {
		return delivery.Result{}, newError(op, failure)
	}
	return result, nil
}

// payload is the body of an answer that has been read. A caller may print it, so
// the keys that refuse removes from the answer are in a closure, not in a field.
type payload struct {
	*bytes.Reader
	refuse func(cause error) error
}

func (*payload) Close() error { return nil }

// Refuse implements wire.Refuser, for an answer that the generated code cannot use.
func (p *payload) Refuse(cause error) error { return p.refuse(cause) }
