package commboxtest

import (
	"maps"
	"math"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// sample makes a value that a schema allows: its example if it has one, else one
// put together from its parts. path holds the schemas above it, which end a
// recursion.
func sample(ref *openapi3.SchemaRef, path []*openapi3.Schema) any {
	s := ref.Value
	switch {
	case s.Example != nil:
		return s.Example
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Const != nil:
		return s.Const
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	path = append(slices.Clip(path), s)
	switch {
	case len(s.AllOf) > 0:
		return allOf(s, path)
	case len(s.OneOf) > 0:
		return sample(firstUnused(s.OneOf, path), path)
	case len(s.AnyOf) > 0:
		return sample(firstUnused(s.AnyOf, path), path)
	case s.Type.Is(openapi3.TypeArray):
		return array(s, path)
	case s.Type.Is(openapi3.TypeObject), len(s.Properties) > 0:
		return object(s, path)
	case s.Type.Permits(openapi3.TypeString):
		return text(s)
	case s.Type.Permits(openapi3.TypeInteger):
		return number(s, true)
	case s.Type.Permits(openapi3.TypeNumber):
		return number(s, false)
	case s.Type.Permits(openapi3.TypeBoolean):
		return true
	}
	return nil
}

// firstUnused is the first alternative that does not lead back to a schema above.
func firstUnused(refs openapi3.SchemaRefs, path []*openapi3.Schema) *openapi3.SchemaRef {
	for _, ref := range refs {
		if !slices.Contains(path, ref.Value) {
			return ref
		}
	}
	return refs[0]
}

// allOf unites the properties of an object's parts.
func allOf(s *openapi3.Schema, path []*openapi3.Schema) any {
	united := object(s, path)
	for _, part := range s.AllOf {
		value := sample(part, path)
		fields, ok := value.(map[string]any)
		if !ok {
			return value
		}
		maps.Copy(united, fields)
	}
	return united
}

// object fills in every property but those that lead back to a schema above.
func object(s *openapi3.Schema, path []*openapi3.Schema) map[string]any {
	fields := make(map[string]any, len(s.Properties))
	for name, ref := range s.Properties {
		if ref.Value.WriteOnly || slices.Contains(path, ref.Value) {
			continue
		}
		fields[name] = sample(ref, path)
	}
	return fields
}

// array has as many items as it must, one if it may, none if they lead back to a
// schema above.
func array(s *openapi3.Schema, path []*openapi3.Schema) []any {
	items := []any{}
	if s.Items == nil || slices.Contains(path, s.Items.Value) {
		return items
	}
	n := max(s.MinItems, 1)
	if s.MaxItems != nil {
		n = min(n, *s.MaxItems)
	}
	for range n {
		items = append(items, sample(s.Items, path))
	}
	return items
}

// anyText is what a string is where the document says nothing about it.
const anyText = "text"

func text(s *openapi3.Schema) string {
	switch s.Format {
	case "date-time":
		return "2025-02-06T07:51:52.2581942Z"
	case "date":
		return "2025-02-06"
	case "uuid":
		return "7b5a7a0e-9f2b-4f6e-8c1d-3a4b5c6d7e8f"
	case "email":
		return "someone@example.com"
	case "uri", "url":
		return "https://example.com/"
	case "byte":
		return "dGV4dA=="
	}
	value := anyText
	for uint64(len(value)) < s.MinLength {
		value += "t"
	}
	if s.MaxLength != nil {
		value = value[:min(uint64(len(value)), *s.MaxLength)]
	}
	return value
}

// number is the plainest number within the schema's bounds.
func number(s *openapi3.Schema, whole bool) float64 {
	low, high := 0.0, 0.0
	if s.Min != nil {
		low, high = *s.Min, *s.Min+2
	}
	if s.ExclusiveMin.Value != nil {
		low, high = *s.ExclusiveMin.Value, *s.ExclusiveMin.Value+2
	}
	if s.Max != nil {
		high = *s.Max
	}
	if s.ExclusiveMax.Value != nil {
		high = *s.ExclusiveMax.Value
	}
	candidates := []float64{1, low, low + 1, high, high - 1, (low + high) / 2}
	if s.MultipleOf != nil {
		step := *s.MultipleOf
		candidates = append(candidates, step, math.Ceil(low/step)*step, (math.Floor(low/step)+1)*step)
	}
	for _, n := range candidates {
		if (!whole || n == math.Trunc(n)) && s.IsMatching(n) {
			return n
		}
	}
	return low
}
