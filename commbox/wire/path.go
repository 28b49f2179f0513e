package wire

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/oapi-codegen/runtime"
)

// ErrInvalidInput is a call that cannot work as it is. Nothing was sent.
var ErrInvalidInput = errors.New("invalid input")

// PathParam returns the text that stands for a parameter in a path. A text
// value may be given raw or percent-encoded, as CommBox shows IDs: it is
// encoded exactly once. One that ID refuses is ErrInvalidInput. The parameters
// are those of runtime.StyleParamWithOptions.
func PathParam(style string, explode bool, name string, value any, opts runtime.StyleParamOptions) (string, error) {
	var err error
	if v := reflect.Indirect(reflect.ValueOf(value)); v.Kind() == reflect.String {
		if value, err = ID(v.String()); err != nil {
			return "", fmt.Errorf("%w: %s %w", ErrInvalidInput, name, err)
		}
	}
	segment, err := runtime.StyleParamWithOptions(style, explode, name, value, opts)
	if err == nil && leadsAway(segment) {
		err = fmt.Errorf("%q would address another path", segment)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrInvalidInput, name, err)
	}
	return segment, nil
}

// ID returns what a text names that is an ID, raw or percent-encoded. One that
// has a percent sign of its own has to be encoded. No ID is empty, contains a
// control character, or is "." or "..", which in a path lead to another
// resource.
func ID(s string) (string, error) {
	id, err := url.PathUnescape(s)
	switch {
	case err != nil:
		return "", fmt.Errorf("%q: %w", s, err)
	case id == "":
		return "", errors.New("is empty")
	case leadsAway(id):
		return "", fmt.Errorf("%q would address another path", s)
	case strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }):
		return "", fmt.Errorf("%q contains a control character", s)
	default:
		return id, nil
	}
}

// leadsAway reports whether a segment of a path is none, or a step to another
// one (RFC 3986, section 5.2.4).
func leadsAway(segment string) bool { return segment == "" || segment == "." || segment == ".." }
