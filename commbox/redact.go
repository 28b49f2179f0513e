package commbox

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
)

const redacted = "[API key]"

// redactor takes the keys of a call out of everything that came from the
// server, which may echo what it was sent.
type redactor []keyPattern

type keyPattern struct {
	key     string
	pattern *regexp.Regexp
}

func newRedactor(keys []string) (r redactor) {
	for _, key := range keys {
		r = append(r, keyPattern{key, forms(key)})
	}
	return r
}

// forms matches a key as it is in texts, headers, URLs, JSON and HTML: each of
// its characters by itself or escaped, in any case.
func forms(key string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?i)")
	for i := range len(key) {
		c := key[i]
		entity := regexp.QuoteMeta(html.EscapeString(string(c)))
		fmt.Fprintf(&b, `(?:\\?%s|%s|%%%02x|\\u00%02x|&#0*%d;|&#x0*%x;)`, regexp.QuoteMeta(string(c)), entity, c, c, c, c)
	}
	return regexp.MustCompile(strings.ReplaceAll(b.String(), `&#34;`, `(?:&#34;|&quot;)`))
}

func (r redactor) text(s string) string {
	for _, k := range r {
		s = k.pattern.ReplaceAllString(s, redacted)
		// A text can be cut off within the key.
		for n := len(k.key) - 1; n >= 4 && n >= len(k.key)/2; n-- {
			if start, ok := strings.CutSuffix(s, k.key[:n]); ok {
				s = start + redacted
			}
		}
	}
	return s
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
