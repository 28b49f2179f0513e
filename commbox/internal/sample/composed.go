package sample

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// composed makes a value for a schema of allOf, oneOf or anyOf: an object unites
// the properties of its parts, another value is that of the part that fits.
func (m *maker) composed(s *openapi3.Schema, node any) any {
	united := m.object(s, node)
	var values []any // of parts that are no objects
	for i, part := range s.AllOf {
		switch v := m.value(part, m.doc.Below(node, "allOf", strconv.Itoa(i))).(type) {
		case map[string]any:
			maps.Copy(united, v)
		default:
			values = append(values, v)
		}
	}
	if len(s.OneOf)+len(s.AnyOf) == 0 {
		return m.firstFitting(s, append(values, united))
	}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		alternatives := s.OneOf
		if keyword == "anyOf" {
			alternatives = s.AnyOf
		}
		for i, part := range alternatives {
			if slices.Contains(m.above, part.Value) {
				continue
			}
			value := m.value(part, m.doc.Below(node, keyword, strconv.Itoa(i)))
			fields, ok := value.(map[string]any)
			if !ok {
				values = append(values, value)
				continue
			}
			whole := maps.Clone(united)
			maps.Copy(whole, fields)
			discriminate(s.Discriminator, part, whole)
			values = append(values, whole, apart(whole, alternatives))
		}
	}
	return m.firstFitting(s, values)
}

func (m *maker) firstFitting(s *openapi3.Schema, values []any) any {
	for _, v := range values {
		if m.fits(s, v) {
			return v
		}
	}
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// discriminate has an object say which alternative it is.
func discriminate(d *openapi3.Discriminator, part *openapi3.SchemaRef, fields map[string]any) {
	if d == nil {
		return
	}
	name := part.Ref[strings.LastIndex(part.Ref, "/")+1:]
	for _, key := range slices.Sorted(maps.Keys(d.Mapping)) {
		if ref := d.Mapping[key].Ref; ref == part.Ref || ref == name {
			name = key
			break
		}
	}
	fields[d.PropertyName] = name
}

// apart is the object with null for what only other alternatives have, so that it
// fits none of those: oneOf demands a value that fits exactly one.
func apart(fields map[string]any, alternatives openapi3.SchemaRefs) map[string]any {
	fields = maps.Clone(fields)
	for _, other := range alternatives {
		for name := range other.Value.Properties {
			if _, ok := fields[name]; !ok {
				fields[name] = nil
			}
		}
	}
	return fields
}
