// Package wire is the runtime of the generated code, beside that of oapi-codegen. It
// has types for values that CommBox sends in several forms: numbers that may be
// strings, and times that may lack a zone. It writes IDs into paths, decodes answers
// and writes forms.
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

// UnmarshalJSON accepts a string, a number, a boolean and null. null leaves t
// unchanged.
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

// unquote reads a JSON string. It needs no decoder for a string without escapes,
// which is nearly every string.
func (t *Text) unquote(data []byte) error {
	if inner := data[1:max(1, len(data)-1)]; !bytes.ContainsAny(inner, `\"`) && utf8.Valid(inner) {
		*t = Text(inner)
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

// Time is an instant in an answer. A time without a zone is UTC: a CommBox account
// can be configured to leave the Z out.
type Time struct {
	time.Time

	// Without this field, Time would be convertible to oapi-codegen's Date, and
	// its runtime would send only the date in a query.
	_ struct{}
}

// UnmarshalJSON accepts RFC 3339 with or without a zone. Any other value gives the
// zero Time and no error, so that an unreadable time does not cost the answer.
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

// ParseTime reads RFC 3339 with or without a zone (then UTC), or a date. It returns
// the zero time for any other text.
func ParseTime(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	return time.Time{}
}
