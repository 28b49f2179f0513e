package commbox

import (
	"context"
	"net/http"
	"strings"

	"github.com/commbox-go/client/gen"
)

// call is what the chain knows of a call beyond its request.
type call struct {
	op         string // for errors and logs; by default method and path
	repeatSafe bool   // processing it twice does no harm
	streams    bool   // the body is read from somewhere, not from memory
	steady     bool   // and reading it does not wait for another party
	prepare    func(*http.Request)
	answer     *gen.UploadAnswer // what a 2xx is decoded into
	receipt    *receipt
}

// receipt is what the chain tells about a call, besides its answer.
type receipt struct {
	begun    bool // the chain has got the request, and closes its body
	attempts int
	sent     int64 // bytes of the body
	written  bool  // the first attempt was the only one, and net/http has written all of it
}

type callKey struct{}

// callOf returns what is known of the call of req: what the context says, and
// what follows from the method (RFC 9110, section 9.2.2).
func callOf(req *http.Request) call {
	var c call
	if set, ok := req.Context().Value(callKey{}).(*call); ok {
		c = *set
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		c.repeatSafe = true
	}
	if c.op == "" {
		c.op = req.Method + " " + shortPath(req.URL.Path)
	}
	return c
}

// Header sets a header of one call. The headers that the client sets itself
// (Authorization, User-Agent) are not changed by it.
func Header(key, value string) gen.RequestEditorFn {
	return func(_ context.Context, req *http.Request) error {
		if key == "" || strings.ContainsFunc(key, notToken) {
			return invalid("%q is no header name", key)
		}
		if strings.ContainsFunc(value, notInHeader) {
			return invalid("the header %s contains a line break or another control character", key)
		}
		req.Header.Set(key, value)
		return nil
	}
}

// RepeatSafe declares that processing this call twice does no harm, so that it
// is tried again like a GET: see the table in the package comment.
func RepeatSafe() gen.RequestEditorFn {
	return func(_ context.Context, req *http.Request) error {
		c := callOf(req)
		c.repeatSafe = true
		*req = *req.WithContext(context.WithValue(req.Context(), callKey{}, &c))
		return nil
	}
}

// notToken reports what cannot stand in a header's name (RFC 9110, section 5.6.2).
func notToken(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	default:
		return !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	}
}

// notInHeader reports what cannot stand in a header's value, which is every
// control character but the tab (RFC 9110, section 5.5).
func notInHeader(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// shortPath cuts what may be an identifier: CommBox's paths carry encrypted
// stream IDs, which have no place in logs and messages.
func shortPath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.ContainsFunc(part, func(r rune) bool { return r != '_' && r != '-' && (r < 'a' || r > 'z') }) {
			parts[i] = shortID(part)
		}
	}
	return strings.Join(parts, "/")
}

// shortID is enough of an identifier to tell it from others.
func shortID(id string) string {
	if len(id) <= 6 {
		return id
	}
	return strings.ToValidUTF8(id[:4], "") + "…"
}
