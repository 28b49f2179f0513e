package commboxtest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// explain turns an error of the validator, which shows whole schemas and values, into a
// sentence and the pointer of the rule. what names the value in the sentence, schema is
// its schema, and at is the pointer of that schema.
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
	// For allOf, name the part that is broken.
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

// schemaPointer returns the pointer of the schema for the value at place.
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

// followed returns the place that a reference leads to, or at if there is no reference.
func followed(ref, at string) string {
	if ref != "" {
		return strings.TrimPrefix(ref, "#")
	}
	return at
}
