package commboxtest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// explain turns an error of the validator, which shows whole schemas and values,
// into a sentence about what and the pointer of the rule. schema is that of what,
// at its pointer; both lead on to the rule inside.
func explain(err error, what string, schema *openapi3.SchemaRef, at string) problem {
	if errors.Is(err, openapi3filter.ErrInvalidRequired) {
		return problem{what + " is missing", strings.TrimSuffix(at, "/schema") + "/required"}
	}
	if errors.Is(err, openapi3filter.ErrInvalidEmptyValue) {
		return problem{what + " is empty", at}
	}
	var broken *openapi3.SchemaError
	if !errors.As(err, &broken) {
		var parse *openapi3filter.ParseError
		if errors.As(err, &parse) {
			return problem{fmt.Sprintf("%s cannot be read: %s", what, parse.Reason), at}
		}
		return problem{fmt.Sprintf("%s: %v", what, err), at}
	}
	// That allOf is broken says nothing; what is broken in it does.
	for broken.SchemaField == "allOf" {
		var inner *openapi3.SchemaError
		if !errors.As(broken.Origin, &inner) {
			break
		}
		broken = inner
	}
	place := broken.JSONPointer()
	if broken.SchemaField == "required" && len(place) > 0 {
		place = place[:len(place)-1] // the property that is missing is in the reason
	}
	if len(place) > 0 {
		what += " at " + pointer(place...)
	}
	at = schemaPointer(schema, place, at)
	if broken.SchemaField != "" {
		at += pointer(broken.SchemaField)
	}
	return problem{what + ": " + broken.Reason, at}
}

// schemaPointer follows the place of a value through its schema.
func schemaPointer(ref *openapi3.SchemaRef, place []string, at string) string {
	if ref == nil {
		return at
	}
	at = followed(ref.Ref, at)
	if len(place) == 0 {
		return at
	}
	switch s := ref.Value; {
	case s.Properties[place[0]] != nil:
		return schemaPointer(s.Properties[place[0]], place[1:], at+pointer("properties", place[0]))
	case s.Items != nil:
		return schemaPointer(s.Items, place[1:], at+"/items")
	default:
		return at
	}
}

// followed is where something at a place of the document is, if that is a
// reference.
func followed(ref, at string) string {
	if ref != "" {
		return strings.TrimPrefix(ref, "#")
	}
	return at
}
