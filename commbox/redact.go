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

// redactor takes the keys of a call out of everything that came from the
// server, which may echo what it was sent.
type redactor []string // the keys

// text is s without the keys. Where a key is there only as JSON, HTML or a URL
// has it, the escapes of the whole text are resolved.
func (r redactor) text(s string) string {
	s = r.replace(s)
	resolved := unescape(s)
	if clean := r.replace(resolved); clean != resolved {
		return clean
	}
	return s
}

func (r redactor) replace(s string) string {
	for _, key := range r {
		s = strings.ReplaceAll(s, key, redacted)
		// A text can be cut off within the key.
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

// unescape resolves the escapes of JSON, HTML and URLs for the characters that a
// key can have.
func unescape(s string) string {
	return percents.ReplaceAllStringFunc(html.UnescapeString(backslashes.Replace(s)), func(hex string) string {
		decoded, _ := url.PathUnescape(hex)
		return decoded
	})
}

// header is a copy of h without the keys. net/http changes the case of names.
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

// err keeps an error as it is unless its message contains a key: net/http
// quotes an answer that it cannot parse.
func (r redactor) err(err error) error {
	if err != nil && r.text(err.Error()) != err.Error() {
		return errors.New(r.text(err.Error()))
	}
	return err
}
