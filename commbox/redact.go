package commbox

import (
	"errors"
	"html"
	"net/http"
	"strconv"
	"strings"
)

const redacted = "[API key]"

// redactor takes the keys of a call out of everything that came from the
// server, which may echo what it was sent.
type redactor []string // the keys

func (r redactor) text(s string) string {
	for _, key := range r {
		s = withoutKey(s, key)
		// A text can be cut off within the key.
		for n := len(key) - 1; n >= 4 && n >= len(key)/2; n-- {
			if start, ok := strings.CutSuffix(s, key[:n]); ok {
				s = start + redacted
			}
		}
	}
	return s
}

func withoutKey(s, key string) string {
	var b strings.Builder
	kept := 0
	for i := 0; i < len(s); i++ {
		if n, ok := keyAt(s[i:], key); ok && n > 0 {
			b.WriteString(s[kept:i])
			b.WriteString(redacted)
			kept = i + n
			i = kept - 1
		}
	}
	return b.String() + s[kept:]
}

// keyAt returns how many bytes of s, from its beginning, are the key as it is in
// texts, headers, URLs, JSON and HTML: each of its characters by itself or
// escaped, in any case.
func keyAt(s, key string) (n int, ok bool) {
	if key == "" {
		return 0, true
	}
	if s != "" && lower(s[0]) == lower(key[0]) {
		if rest, ok := keyAt(s[1:], key[1:]); ok {
			return 1 + rest, true
		}
	}
	if n = escapedLen(s, key[0]); n > 0 {
		rest, ok := keyAt(s[n:], key[1:])
		return n + rest, ok
	}
	return 0, false
}

// maxEntity is how long a character of HTML may be in bytes, with the zeros that
// it may begin with.
const maxEntity = 32

// escapedLen is the length of what s begins with if that is c escaped, else 0.
func escapedLen(s string, c byte) int {
	is := func(n int, hex string) int {
		if code, err := strconv.ParseUint(hex, 16, 8); err == nil && lower(byte(code)) == lower(c) {
			return n
		}
		return 0
	}
	switch {
	case len(s) >= 3 && s[0] == '%':
		return is(3, s[1:3])
	case len(s) >= 6 && strings.EqualFold(s[:4], `\u00`) && is(6, s[4:6]) > 0:
		return 6
	case len(s) >= 2 && s[0] == '\\' && lower(s[1]) == lower(c):
		return 2
	case s != "" && s[0] == '&':
		end := strings.IndexByte(s[:min(len(s), maxEntity)], ';') + 1
		if text := html.UnescapeString(strings.ToLower(s[:end])); len(text) == 1 && lower(text[0]) == lower(c) {
			return end
		}
	}
	return 0
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func (r redactor) header(h http.Header) http.Header {
	clean := make(http.Header, len(h))
	for name, values := range h {
		name = r.text(name)
		for _, value := range values {
			clean[name] = append(clean[name], r.text(value))
		}
	}
	return clean
}

// err keeps an error as it is unless its message contains a key: net/http
// quotes an answer that it cannot parse.
func (r redactor) err(err error) error {
	if err == nil {
		return nil
	}
	if before := err.Error(); before != r.text(before) {
		return errors.New(r.text(before))
	}
	return err
}
