package commbox

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/commbox-go/client/commbox/internal/delivery"
	"github.com/commbox-go/client/gen"
)

// RequestOption changes one call, of UploadMedia or of any generated operation.
type RequestOption = gen.RequestEditorFn

// Header sets a header of one call. The headers that the client sets itself
// (Authorization, User-Agent) are not changed by it.
func Header(key, value string) RequestOption {
	return func(_ context.Context, req *http.Request) error {
		req.Header.Set(key, value)
		return nil
	}
}

// RepeatSafe declares that CommBox may process this call twice without harm, so
// that it is tried again like a GET: see the table in the package comment.
func RepeatSafe() RequestOption {
	return perCall(func(call *delivery.Call) error { call.RepeatSafe = true; return nil })
}

// Attempts has this call make at most n requests, instead of the policy's
// MaxAttempts.
func Attempts(n int) RequestOption {
	return perCall(func(call *delivery.Call) error {
		if n < 1 {
			return invalid("a call makes at least one attempt, not %d", n)
		}
		call.MaxAttempts = n
		return nil
	})
}

// Key has this call use another credential.
func Key(source KeySource) RequestOption {
	return perCall(func(call *delivery.Call) error {
		if source == nil {
			return invalid("the key source is nil")
		}
		call.Key = checked(source)
		return nil
	})
}

// callOf is the key of what options say of a call beyond its request. They say
// nothing of other calls with the same context.
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

// checkRequest refuses what an option can have made of a request that net/http
// cannot send.
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

// token is what methods and the names of headers are made of (RFC 9110, section
// 5.6.2).
const token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func isToken(s string) bool { return s != "" && strings.Trim(s, token) == "" }

// unusableInHeader reports a control character other than the tab (RFC 9110,
// section 5.5).
func unusableInHeader(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// identifier is a segment of a path that may be an identifier.
var identifier = regexp.MustCompile(`[^/]*[^a-z_/-][^/]*|[^/]{13,}`)

// shortPath cuts what may be an identifier: CommBox's paths carry encrypted
// stream IDs, which have no place in logs and messages.
func shortPath(u *url.URL) string {
	return identifier.ReplaceAllStringFunc(u.EscapedPath(), func(id string) string {
		if len(id) <= 6 {
			return id
		}
		return strings.ToValidUTF8(id[:4], "") + "…"
	})
}
