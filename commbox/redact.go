package commbox

import (
	"errors"
	"html"
	"net/http"
	"strconv"
	"strings"
)

const redacted = "[API key]"

// redact takes the key out of everything that came from the server, which may
// echo what it was sent, and bounds the body.
func (e *Error) redact(key string) {
	e.Status, e.Description = withoutKey(e.Status, key), withoutKey(e.Description, key)
	for i, f := range e.Failures {
		e.Failures[i] = Failure{withoutKey(f.Recipient, key), withoutKey(f.Status, key), withoutKey(f.Reason, key)}
	}
	header := make(http.Header, len(e.Header))
	for name, values := range e.Header {
		for _, value := range values {
			header[name] = append(header[name], withoutKey(value, key))
		}
	}
	e.Header = header
	body := withoutKey(string(e.Body), key)
	e.Body = []byte(body[:min(len(body), maxErrorBody)])
	// net/http quotes an answer that it cannot parse.
	if e.Err != nil {
		if before := e.Err.Error(); before != withoutKey(before, key) {
			e.Err = errors.New(withoutKey(before, key))
		}
	}
}

// withoutKey replaces the key, also one that is cut off at the end. A text
// that contains it in some encoding is replaced as a whole.
func withoutKey(s, key string) string {
	s = strings.ReplaceAll(s, key, redacted)
	for n := len(key) - 1; n >= 4 && n >= len(key)/2; n-- {
		if start, ok := strings.CutSuffix(s, key[:n]); ok {
			s = start + redacted
		}
	}
	if strings.ContainsAny(s, `%\&`) && strings.Contains(decoded(s), key) {
		return redacted
	}
	return s
}

// decoded undoes the encodings of JSON, HTML and URLs wherever they occur.
func decoded(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c, n := escape(s[i:]); n > 0 {
			b.WriteRune(c)
			i += n - 1
		} else {
			b.WriteByte(s[i])
		}
	}
	return html.UnescapeString(b.String())
}

// escape reads the escape that s begins with: %2B, \u002b or a backslash
// before a character. n is its length, 0 if there is none.
func escape(s string) (c rune, n int) {
	hex := func(from, to int) (rune, int) {
		if len(s) < to {
			return 0, 0
		}
		v, err := strconv.ParseUint(s[from:to], 16, 32)
		if err != nil {
			return 0, 0
		}
		return rune(v), to
	}
	switch {
	case s[0] == '%':
		return hex(1, 3)
	case strings.HasPrefix(s, `\u`):
		return hex(2, 6)
	case s[0] == '\\' && len(s) > 1:
		return rune(s[1]), 2
	default:
		return 0, 0
	}
}
