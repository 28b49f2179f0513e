package golang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// shape describes what Go makes of a schema, but for names and comments:
// schemas of one shape are one type. What is optional makes a difference only
// where values are sent.
func (t *types) shape(ref *openapi3.SchemaRef) string {
	if ref.Ref != "" {
		return ref.Ref
	}
	if g := t.found[ref]; g != nil {
		return g.key
	}
	s := ref.Value
	if own, ok := s.Extensions[goTypeKey]; ok {
		return fmt.Sprint(own)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%q %s %q %v %v", s.Type.Slice(), s.Format, s.Enum, s.Const, codegen.SchemaHasAdditionalProperties(s))
	if s.Discriminator != nil {
		b.WriteString(s.Discriminator.PropertyName)
	}
	inside(s, func(by way, name string, ref *openapi3.SchemaRef) {
		fmt.Fprintf(&b, "\n%d %q %v", by, name, ref.Extensions[goNameKey])
		if t.sending || by == toElement {
			fmt.Fprint(&b, slices.Contains(s.Required, name), isNullable(ref.Value))
		}
		fmt.Fprintf(&b, "(%s)", t.shape(ref))
	})
	return b.String()
}

func isNullable(s *openapi3.Schema) bool { return s.Nullable || s.Type.Includes("null") }

// needsType reports whether Go needs a type with a name for a schema.
func needsType(s *openapi3.Schema) bool {
	if _, given := s.Extensions[goTypeKey]; given {
		return false
	}
	return len(s.Properties) > 0 || len(s.AllOf) > 1 || len(s.OneOf)+len(s.AnyOf) > 0 || isEnum(s)
}

func isEnum(s *openapi3.Schema) bool {
	return len(s.Enum) > 0 && (s.Type.Includes("string") || s.Type.Includes("integer") || s.Type.Includes("number"))
}

// simplify makes one of alternatives that Go cannot tell apart.
func (t *types) simplify(ref *openapi3.SchemaRef) {
	s := ref.Value
	if s.Type.Includes("boolean") {
		s.Enum = nil
	}
	s.OneOf, s.AnyOf = t.distinct(s.OneOf), t.distinct(s.AnyOf)
	alternatives := slices.Concat(s.OneOf, s.AnyOf)
	switch _, given := s.Extensions[goTypeKey]; {
	case given, len(alternatives) == 0, s.Discriminator != nil, len(s.Properties) > 0, len(s.AllOf) > 0:
		return
	case len(alternatives) == 1 && alternatives[0].Ref != "":
		if isNullable(s) { // a reference cannot say so
			s.OneOf, s.AnyOf, s.AllOf = nil, nil, alternatives
			return
		}
		ref.Ref, ref.Value = alternatives[0].Ref, alternatives[0].Value
	case len(alternatives) == 1:
		replace(s, alternatives[0].Value)
	case areScalars(alternatives) && (!t.sending || slices.ContainsFunc(alternatives, isText)):
		replace(s, &openapi3.Schema{Extensions: map[string]any{goTypeKey: textType}})
	case !t.sending:
		if united := t.united(alternatives); united != nil {
			replace(s, united)
		}
	}
}

// replace makes a schema another one. What refers to it sees the other one.
func replace(s, by *openapi3.Schema) {
	description, nullable := s.Description, isNullable(s)
	*s = *by
	s.Description, s.Nullable = cmp.Or(description, by.Description), nullable || by.Nullable
}

// distinct leaves one of alternatives of the same shape.
func (t *types) distinct(alternatives openapi3.SchemaRefs) openapi3.SchemaRefs {
	var left openapi3.SchemaRefs
	seen := map[string]bool{}
	for _, alternative := range alternatives {
		shape := t.shape(&openapi3.SchemaRef{Value: alternative.Value})
		if !seen[shape] {
			left = append(left, alternative)
		}
		seen[shape] = true
	}
	return left
}

func areScalars(alternatives openapi3.SchemaRefs) bool {
	return !slices.ContainsFunc(alternatives, func(ref *openapi3.SchemaRef) bool {
		return !isText(ref) && !ref.Value.Type.Is("integer") && !ref.Value.Type.Is("number") && !ref.Value.Type.Is("boolean")
	})
}

func isText(ref *openapi3.SchemaRef) bool {
	return ref.Value.Type.Is("string") && ref.Value.Format != "binary"
}

// united is an object that any of the alternatives can be read into, or nil if
// there is none: they mean different things by the same property.
func (t *types) united(alternatives openapi3.SchemaRefs) *openapi3.Schema {
	all := &openapi3.Schema{Type: &openapi3.Types{"object"}, Properties: openapi3.Schemas{}}
	for _, alternative := range alternatives {
		s := alternative.Value
		if alternative.Ref != "" || len(s.Properties) == 0 || len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0 {
			return nil
		}
		for name, property := range s.Properties {
			if other := all.Properties[name]; other != nil && t.shape(other) != t.shape(property) {
				return nil
			}
			all.Properties[name] = property
		}
	}
	return all
}
