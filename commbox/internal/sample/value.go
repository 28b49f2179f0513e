package sample

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// maker makes values that schemas allow: an example from the document, if it fits, or
// else a value made from the parts of the schema.
type maker struct {
	doc    *Document
	use    Use
	status int // of the answer, for its envelope

	above []*openapi3.Schema // schemas around the current one, to end a recursion
	left  int                // values to make before optional properties are left out
}

// fits reports whether a schema allows a value.
func (m *maker) fits(s *openapi3.Schema, value any) bool {
	return m.doc.Check(m.use, s, value, openapi3.FailFast()) == nil
}

// firstFitting returns the first value that a schema allows, or else the first value.
func (m *maker) firstFitting(s *openapi3.Schema, values ...any) any {
	i := slices.IndexFunc(values, func(v any) bool { return m.fits(s, v) })
	if len(values) == 0 {
		return nil
	}
	return values[max(i, 0)]
}

// shown returns the values that the document gives for a schema.
func shown(s *openapi3.Schema) []any {
	values := []any{s.Example}
	values = append(values, s.Examples...)
	values = append(values, s.Const, s.Default)
	return slices.DeleteFunc(append(values, s.Enum...), func(v any) bool { return v == nil })
}

// value makes a value for a schema.
func (m *maker) value(s *openapi3.Schema) any {
	m.left--
	for _, v := range shown(s) {
		if m.fits(s, v) {
			return v
		}
	}
	m.above = append(m.above, s)
	defer func() { m.above = m.above[:len(m.above)-1] }()
	switch {
	case len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0:
		return m.composed(s)
	case Has(s, openapi3.TypeObject) || len(s.Properties) > 0:
		return m.object(s)
	case Has(s, openapi3.TypeArray):
		return m.array(s)
	case s.Type.Permits(openapi3.TypeString):
		return text(s)
	case Has(s, openapi3.TypeInteger), Has(s, openapi3.TypeNumber):
		return m.number(s)
	case Has(s, openapi3.TypeBoolean):
		return true
	}
	return nil
}

// Has reports whether a schema names a type, maybe as one of several.
func Has(s *openapi3.Schema, name string) bool {
	return s.Type != nil && slices.Contains(s.Type.Slice(), name)
}

// object fills in every property, except those that lead back to a schema above.
func (m *maker) object(s *openapi3.Schema) map[string]any {
	fields := make(map[string]any, len(s.Properties))
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p, required := s.Properties[name].Value, slices.Contains(s.Required, name)
		switch {
		case p.WriteOnly && m.use == Answer, p.ReadOnly && m.use == Request:
		case slices.Contains(m.above, p):
			if required {
				fields[name] = nil // nothing else ends the recursion
			}
		case m.left < 0 && !required:
		case name == "status" && len(m.above) == 1 && m.status > 0 && len(shown(p)) == 0:
			fields[name] = m.firstFitting(p, strconv.Itoa(m.status), float64(m.status), m.value(p))
		default:
			fields[name] = m.value(p)
		}
	}
	for _, name := range s.Required {
		if s.Properties[name] == nil {
			fields[name] = anyText
			if extra := s.AdditionalProperties.Schema; extra != nil {
				fields[name] = m.value(extra.Value)
			}
		}
	}
	return fields
}

// array returns the minimum number of items, but one if the schema allows it. It
// returns none if they would lead back to a schema above.
func (m *maker) array(s *openapi3.Schema) []any {
	items := []any{}
	if s.Items == nil || slices.Contains(m.above, s.Items.Value) || m.left < 0 && s.MinItems == 0 {
		return items
	}
	n := max(s.MinItems, 1)
	if s.MaxItems != nil {
		n = min(n, *s.MaxItems)
	}
	for range n {
		items = append(items, m.value(s.Items.Value))
	}
	return items
}

// composed makes a value for a schema with allOf, oneOf or anyOf. An object has the
// properties of all its parts. Any other value is that of one part that fits.
func (m *maker) composed(s *openapi3.Schema) any {
	united := m.object(s)
	var values []any // of the parts that are not objects
	for _, part := range s.AllOf {
		switch v := m.value(part.Value).(type) {
		case map[string]any:
			maps.Copy(united, v)
		default:
			values = append(values, v)
		}
	}
	alternatives := slices.Concat(s.OneOf, s.AnyOf)
	for _, part := range alternatives {
		if slices.Contains(m.above, part.Value) {
			continue
		}
		value := m.value(part.Value)
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
	if len(alternatives) == 0 {
		values = append(values, united)
	}
	return m.firstFitting(s, values...)
}

// discriminate sets the property that says which alternative an object is.
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

// apart returns the object with null for the properties that only other alternatives
// have. It then fits none of the others: a value must fit exactly one part of oneOf.
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
