package commbox

import (
	"errors"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const redacted = "[API key]"

// redactor removes the keys of a call from everything that came from the server,
// because a server may echo what it was sent.
type redactor []string // the keys

// text returns s without the keys. If s has a key in the escaped form of JSON, HTML
// or a URL, text resolves the escapes in all of s.
func (r redactor) text(s string) string {
	s = r.replace(s)
	resolved := s
	for range 3 { // what was escaped may have been escaped again
		resolved = unescape(resolved)
		if clean := r.replace(resolved); clean != resolved {
			return clean
		}
	}
	return s
}

func (r redactor) replace(s string) string {
	for _, key := range r {
		s = strings.ReplaceAll(s, key, redacted)
		// s may end in the middle of a key.
		for n := len(key) - 1; n >= max(4, len(key)/2); n-- {
			if start, ok := strings.CutSuffix(s, key[:n]); ok {
				s = start + redacted
			}
		}
	}
	return s
}

var backslashes = strings.NewReplacer(`\\`, `\`, `\u00`, "%", `\`, "")

var percents = regexp.MustCompile(`%[0-7][[:xdigit:]]`)

// unescape resolves the JSON, HTML and URL escapes of the characters that a key can
// have.
func unescape(s string) string {
	return percents.ReplaceAllStringFunc(html.UnescapeString(backslashes.Replace(s)), func(hex string) string {
		decoded, _ := url.PathUnescape(hex)
		return decoded
	})
}

// header returns a copy of h without the keys. It ignores the case of names, which
// net/http changes.
func (r redactor) header(h http.Header) http.Header {
	clean := make(http.Header, len(h))
	for name, values := range h {
		if slices.ContainsFunc(r, func(key string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(key)) }) {
			name = redacted
		}
		for _, value := range values {
			clean[name] = append(clean[name], r.text(value))
		}
	}
	return clean
}

// err returns err, or an error without the keys if its message contains one:
// net/http quotes an answer that it cannot parse.
func (r redactor) err(err error) error {
	if err != nil && r.text(err.Error()) != err.Error() {
		return errors.New(r.text(err.Error()))
	}
	return err
}

// identifier matches a path segment that may be an identifier.
var identifier = regexp.MustCompile(`[^/]*[^a-z_/-][^/]*|[^/]{13,}`)

// shortPath returns the path with every possible identifier shortened: the
// encrypted stream IDs in CommBox's paths must not be in logs and messages.
func shortPath(u *url.URL) string {
	return identifier.ReplaceAllStringFunc(u.EscapedPath(), func(id string) string {
		if len(id) <= 6 {
			return id
		}
		return strings.ToValidUTF8(id[:4], "") + "…"
	})
}
