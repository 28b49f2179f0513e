package commbox

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/commbox-go/client/commbox/internal/delivery"
	"github.com/commbox-go/client/gen"
)

// RequestOption changes one call, of UploadMedia or of any generated operation.
type RequestOption = gen.RequestEditorFn

// Header sets a header of one call. It cannot change the headers that the client
// sets itself (Authorization, User-Agent).
func Header(key, value string) RequestOption {
	return func(_ context.Context, req *http.Request) error {
		req.Header.Set(key, value)
		return nil
	}
}

// RepeatSafe declares that CommBox may process this call twice without harm. The
// call is then tried again like a GET: see the table in the package comment.
func RepeatSafe() RequestOption {
	return perCall(func(call *delivery.Call) error { call.RepeatSafe = true; return nil })
}

// Attempts limits this call to n requests, in place of the policy's MaxAttempts.
func Attempts(n int) RequestOption {
	return perCall(func(call *delivery.Call) error {
		if n < 1 {
			return invalid("a call makes at least one attempt, not %d", n)
		}
		call.MaxAttempts = n
		return nil
	})
}

// Key makes this call use the key of another source.
func Key(source KeySource) RequestOption {
	return perCall(func(call *delivery.Call) error {
		if source == nil {
			return invalid("the key source is nil")
		}
		call.Key = checked(source)
		return nil
	})
}

// callOf is the context key for the options of a call that are not part of its
// request. It holds the request, so that other calls with the same context do not
// find them.
type callOf struct{ *http.Request }

func perCall(set func(*delivery.Call) error) RequestOption {
	return func(_ context.Context, req *http.Request) error {
		call := optionsOf(req)
		err := set(&call)
		*req = *req.WithContext(context.WithValue(req.Context(), callOf{req}, call))
		return err
	}
}

func optionsOf(req *http.Request) delivery.Call {
	call, _ := req.Context().Value(callOf{req}).(delivery.Call)
	return call
}

// repeatSafe are the idempotent methods (RFC 9110, section 9.2.2).
var repeatSafe = []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete}

// checkRequest refuses a request that net/http cannot send because an option has
// changed it.
func checkRequest(req *http.Request) error {
	if !isToken(req.Method) || req.URL == nil || req.URL.Host == "" || req.URL.Scheme != "https" && req.URL.Scheme != "http" {
		return invalid("an option has made the request unusable")
	}
	for key, values := range req.Header {
		if !isToken(key) || slices.ContainsFunc(values, unusableInHeader) {
			return invalid("an option has set the unusable header %q", key)
		}
	}
	return nil
}

// token has the characters of methods and header names (RFC 9110, section 5.6.2).
const token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func isToken(s string) bool { return s != "" && strings.Trim(s, token) == "" }

// unusableInHeader reports a control character other than the tab (RFC 9110,
// section 5.5).
func unusableInHeader(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
