package wire

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/oapi-codegen/runtime"
)

// ErrInvalidInput reports a call that cannot work. Nothing was sent.
var ErrInvalidInput = errors.New("invalid input")

// PathParam returns a path parameter as it is written in the path. A text value may
// be raw or percent-encoded, as CommBox shows IDs. The result is encoded exactly
// once. The error is ErrInvalidInput if ID refuses the value. The arguments are those
// of runtime.StyleParamWithOptions.
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

// ID returns the raw ID for a raw or percent-encoded one. An ID that contains a
// percent sign must be given encoded. ID returns an error if the ID is empty,
// contains a control character, or is "." or "..", which in a path address another
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

// leadsAway reports whether a path segment is empty or a dot segment (RFC 3986,
// section 5.2.4), and so addresses another path.
func leadsAway(segment string) bool { return segment == "" || segment == "." || segment == ".." }
