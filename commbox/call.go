package commbox

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/commbox-go/client/gen"
)

// call is what the chain knows of a call beyond its request.
type call struct {
	op         string            // for errors and logs
	repeatSafe bool              // processing it twice does no harm
	patient    bool              // reading the body may wait for another party
	inMemory   bool              // the body is
	answer     *gen.UploadAnswer // what a 2xx is decoded into; nil: not here
}

// inMemoryLimit is the size in bytes up to which a body in memory is one write
// to the connection, and need not be watched.
const inMemoryLimit = 16 << 10

// callOf returns what follows from a request of the generated client.
func callOf(req *http.Request) call {
	return call{
		op:         req.Method + " " + shortPath(req.URL),
		repeatSafe: isRepeatSafe(req),
		patient:    req.GetBody == nil,
		// net/http makes GetBody for a body in memory, and for no other.
		inMemory: req.GetBody != nil && req.ContentLength <= inMemoryLimit,
	}
}

type repeatSafeKey struct{}

// RepeatSafe declares that processing this call twice does no harm, so that it
// is tried again like a GET: see the table in the package comment.
func RepeatSafe() gen.RequestEditorFn {
	return func(_ context.Context, req *http.Request) error {
		// The value is the request, so that it says nothing about other calls
		// that are made with this context.
		*req = *req.WithContext(context.WithValue(req.Context(), repeatSafeKey{}, req))
		return nil
	}
}

// isRepeatSafe follows the method (RFC 9110, section 9.2.2) and RepeatSafe.
func isRepeatSafe(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		return true
	default:
		return req.Context().Value(repeatSafeKey{}) == req
	}
}

// Header sets a header of one call. The headers that the client sets itself
// (Authorization, User-Agent) are not changed by it.
func Header(key, value string) gen.RequestEditorFn {
	return func(_ context.Context, req *http.Request) error {
		if !isToken(key) {
			return invalid("%q is no header name", key)
		}
		if strings.ContainsFunc(value, notInHeader) {
			return invalid("the header %s contains a line break or another control character", key)
		}
		req.Header.Set(key, value)
		return nil
	}
}

// checkRequest refuses what an edit can have made of a request that net/http
// cannot send.
func checkRequest(req *http.Request) error {
	if !isToken(req.Method) || req.URL == nil || req.URL.Host == "" || req.URL.Scheme != "https" && req.URL.Scheme != "http" {
		return invalid("an edit has made the request unusable")
	}
	for key, values := range req.Header {
		for _, value := range values {
			if !isToken(key) || strings.ContainsFunc(value, notInHeader) {
				return invalid("an edit has set the unusable header %q", key)
			}
		}
	}
	return nil
}

// isToken reports whether s can be a method or a header's name (RFC 9110,
// section 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// notInHeader reports what cannot stand in a header's value, which is every
// control character but the tab (RFC 9110, section 5.5).
func notInHeader(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// shortPath cuts what may be an identifier: CommBox's paths carry encrypted
// stream IDs, which have no place in logs and messages.
func shortPath(u *url.URL) string {
	parts := strings.Split(u.EscapedPath(), "/")
	for i, part := range parts {
		if len(part) > 12 || strings.ContainsFunc(part, func(r rune) bool { return r != '_' && r != '-' && (r < 'a' || r > 'z') }) {
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
