package commbox

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

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
	return perCall(func(o *callOptions) error { o.repeatSafe = true; return nil })
}

// Attempts has this call make at most n requests, instead of the policy's
// MaxAttempts.
func Attempts(n int) RequestOption {
	return perCall(func(o *callOptions) error {
		if n < 1 {
			return invalid("a call makes at least one attempt, not %d", n)
		}
		o.attempts = n
		return nil
	})
}

// Key has this call use another credential.
func Key(source KeySource) RequestOption {
	return perCall(func(o *callOptions) error {
		if source == nil {
			return invalid("the key source is nil")
		}
		o.key = checked(source)
		return nil
	})
}

// callOptions are what options say of a call beyond its request.
type callOptions struct {
	of         *http.Request // the options say nothing of other calls with the same context
	repeatSafe bool
	attempts   int
	key        func(context.Context) (string, error)
}

type callOptionsKey struct{}

func perCall(set func(*callOptions) error) RequestOption {
	return func(_ context.Context, req *http.Request) error {
		o := optionsOf(req)
		if err := set(&o); err != nil {
			return err
		}
		*req = *req.WithContext(context.WithValue(req.Context(), callOptionsKey{}, o))
		return nil
	}
}

func optionsOf(req *http.Request) callOptions {
	o, _ := req.Context().Value(callOptionsKey{}).(callOptions)
	if o.of != req {
		o = callOptions{of: req}
	}
	return o
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
