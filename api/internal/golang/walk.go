package golang

import (
	"iter"
	"maps"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

const schemasRef = "#/components/schemas/"

// An operation is one of the document's, with where it stands.
type operation struct {
	*openapi3.Operation
	method, path string
}

// operations yields the operations of a document, in the order of their paths.
func operations(doc *openapi3.T) iter.Seq[operation] {
	return func(yield func(operation) bool) {
		for path, item := range sorted(doc.Paths.Map()) {
			for method, op := range sorted(item.Operations()) {
				if !yield(operation{op, method, path}) {
					return
				}
			}
		}
	}
}

// sorted yields a map in the order of its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// flatten puts parameters, bodies, answers and headers where they are used:
// nobody wants a Go type of its own for each of them.
func flatten(doc *openapi3.T) {
	for _, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for _, shared := range item.Parameters {
				if op.Parameters.GetByInAndName(shared.Value.In, shared.Value.Name) == nil {
					op.Parameters = append(op.Parameters, shared)
				}
			}
			for i, parameter := range op.Parameters {
				own := *parameter.Value // it gets a name that suits this operation
				own.Extensions = map[string]any{}
				maps.Copy(own.Extensions, parameter.Value.Extensions)
				op.Parameters[i] = &openapi3.ParameterRef{Value: &own}
			}
			if op.RequestBody != nil {
				op.RequestBody = &openapi3.RequestBodyRef{Value: op.RequestBody.Value}
			}
			for status, answer := range op.Responses.Map() {
				own := *answer.Value
				if status == "204" || method == http.MethodHead {
					own.Content = nil // whatever the document says
				}
				op.Responses.Set(status, &openapi3.ResponseRef{Value: &own})
				for name, header := range answer.Value.Headers {
					answer.Value.Headers[name] = &openapi3.HeaderRef{Value: header.Value}
				}
			}
		}
		item.Parameters = nil
	}
	if doc.Components == nil {
		doc.Components = &openapi3.Components{}
	}
	c := doc.Components
	c.Parameters, c.RequestBodies, c.Responses, c.Headers = nil, nil, nil, nil
	if c.Schemas == nil {
		c.Schemas = openapi3.Schemas{}
	}
}

// The ways from a schema to one that is directly inside it.
type way int

const (
	toProperty    way = iota
	toElement         // of a list or a map
	toPart            // allOf
	toAlternative     // oneOf and anyOf
)

// inside calls visit with each schema that is directly inside s. The name is
// that of a property.
func inside(s *openapi3.Schema, visit func(by way, name string, ref *openapi3.SchemaRef)) {
	for name, property := range sorted(s.Properties) {
		visit(toProperty, name, property)
	}
	for _, element := range []*openapi3.SchemaRef{s.Items, s.AdditionalProperties.Schema} {
		if element != nil {
			visit(toElement, "", element)
		}
	}
	for _, part := range s.AllOf {
		visit(toPart, "", part)
	}
	for _, alternative := range slices.Concat(s.OneOf, s.AnyOf) {
		visit(toAlternative, "", alternative)
	}
}

// setExtension sets one of the generator's extensions where a schema is used,
// which leaves the schema itself alone.
func setExtension(ref *openapi3.SchemaRef, key string, value any) {
	if ref.Extensions == nil {
		ref.Extensions = map[string]any{}
	}
	ref.Extensions[key] = value
}

// extension is one of the generator's, from where a schema is used or from the
// schema itself.
func extension(ref *openapi3.SchemaRef, key string) any {
	if value, ok := ref.Extensions[key]; ok || ref.Value == nil {
		return value
	}
	return ref.Value.Extensions[key]
}
