// Package wire is what generated code is made of where oapi-codegen's own
// runtime does not do. It has types for what CommBox sends in several ways,
// numbers as strings and times without a zone, and the one way for IDs into a
// path, for answers out of the body, and for forms.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Text is a JSON string or a JSON number, kept as text. CommBox documents
// status as both and sends both.
type Text string

// UnmarshalJSON accepts a string, a number, a truth value and null, which
// leaves t as it is.
func (t *Text) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0 || bytes.Equal(data, []byte("null")):
		return nil
	case data[0] == '"':
		return t.unquote(data)
	case data[0] != '{' && data[0] != '[':
		*t = Text(data)
		return nil
	default:
		return fmt.Errorf("want a string or a number, have %.20s", data)
	}
}

// unquote reads a JSON string; one without escapes, as nearly all are, is
// spared a decoder of its own.
func (t *Text) unquote(data []byte) error {
	if inner := data[1:max(1, len(data)-1)]; !bytes.ContainsAny(inner, `\"`) && utf8.Valid(inner) {
		*t = Text(inner)
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

// Time is an instant in an answer. A time without a zone is taken as UTC: an
// account of CommBox can be configured to leave the Z out.
type Time struct {
	time.Time

	// Without it, Time would be convertible to the generator's type for a day
	// and its runtime would send only the day of a time in a query.
	_ struct{}
}

// UnmarshalJSON accepts RFC 3339 with or without a zone. What is no time at
// all leaves the zero Time: a stamp nobody can read is no reason to lose an
// answer.
func (t *Time) UnmarshalJSON(data []byte) error {
	if t.Time.UnmarshalJSON(data) == nil {
		return nil
	}
	t.Time = time.Time{}
	var s Text
	if s.UnmarshalJSON(data) == nil {
		t.Time = ParseTime(string(s))
	}
	return nil
}

// ParseTime reads RFC 3339 with or without a zone, UTC if without, or a day, and
// returns the zero time if s is none of them.
func ParseTime(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	return time.Time{}
}
