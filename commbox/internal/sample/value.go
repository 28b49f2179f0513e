package sample

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// Use says what a value is for: schemas have parts that are only sent or only
// answered.
type Use int

// The two uses of a value.
const (
	Answer Use = iota
	Request
)

// Check tells how a value breaks a schema, nil if it does not.
func (d *Document) Check(use Use, s *openapi3.Schema, value any, opts ...openapi3.SchemaValidationOption) error {
	if use == Request {
		opts = append(opts, openapi3.VisitAsRequest())
	} else {
		opts = append(opts, openapi3.VisitAsResponse())
	}
	if d.Spec.IsOpenAPI31OrLater() {
		opts = append(opts, openapi3.EnableJSONSchema2020())
	}
	return s.VisitJSON(value, opts...)
}

// Content makes a value for the content, header or parameter that was written as
// node: what is shown beside its schema, if that fits, or one after the schema.
// status is the status code of an answer, which goes into its envelope, else 0.
func (d *Document) Content(use Use, schema *openapi3.SchemaRef, node any, status int) any {
	m := &maker{doc: d, use: use, status: status, left: 5000}
	node = d.resolved(node)
	shown := m.shown(node)
	for _, value := range shown {
		if schema == nil || m.fits(schema.Value, value) {
			return value
		}
	}
	if schema == nil {
		return map[string]any{}
	}
	value := m.value(schema, d.Below(node, "schema"))
	if len(shown) > 0 && !m.fits(schema.Value, value) {
		return shown[0] // nothing fits: then better what the document shows
	}
	return value
}

// maker makes values that schemas allow: what the document shows of a schema, if
// that fits, else a value that is put together from the schema's parts.
type maker struct {
	doc    *Document
	use    Use
	status int // of the answer that is made, for the envelope's status

	above []*openapi3.Schema // of the schema at hand; these end a recursion
	left  int                // values until only what is required is made
}

// fits tells whether a schema allows a value.
func (m *maker) fits(s *openapi3.Schema, value any) bool {
	return m.doc.Check(m.use, s, value, openapi3.FailFast()) == nil
}

// value makes a value for a schema that was written as node.
func (m *maker) value(ref *openapi3.SchemaRef, node any) any {
	s, node := ref.Value, m.doc.resolved(node)
	m.left--
	for _, shown := range m.shown(node) {
		if m.fits(s, shown) {
			return shown
		}
	}
	m.above = append(m.above, s)
	defer func() { m.above = m.above[:len(m.above)-1] }()
	switch {
	case len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0:
		return m.composed(s, node)
	case Has(s, openapi3.TypeObject) || len(s.Properties) > 0:
		return m.object(s, node)
	case Has(s, openapi3.TypeArray):
		return m.array(s, node)
	case s.Type.Permits(openapi3.TypeString):
		return text(s)
	case Has(s, openapi3.TypeInteger):
		return number(s, true)
	case Has(s, openapi3.TypeNumber):
		return number(s, false)
	case Has(s, openapi3.TypeBoolean):
		return true
	}
	return nil
}

// Has tells whether a type is named by a schema, maybe as one of several.
func Has(s *openapi3.Schema, name string) bool {
	return s.Type != nil && slices.Contains(s.Type.Slice(), name)
}

// shown is what the document itself gives as values of a schema or of a content.
func (m *maker) shown(node any) []any {
	fields, _ := node.(map[string]any)
	var values []any
	for _, name := range []string{"example", "examples", "const", "default", "enum"} {
		value, ok := fields[name]
		if !ok {
			continue
		}
		switch several := value.(type) {
		case []any:
			if name == "examples" || name == "enum" {
				values = append(values, several...)
				continue
			}
		case map[string]any:
			if name == "examples" { // those of a content or a parameter, by name
				for _, key := range slices.Sorted(maps.Keys(several)) {
					values = append(values, m.doc.Below(several, key, "value"))
				}
				continue
			}
		}
		values = append(values, value)
	}
	return values
}

// object fills in every property but those that lead back to a schema above.
func (m *maker) object(s *openapi3.Schema, node any) map[string]any {
	fields := make(map[string]any, len(s.Properties))
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p, required := s.Properties[name], slices.Contains(s.Required, name)
		shown := m.doc.Below(node, "properties", name)
		switch {
		case p.Value.WriteOnly && m.use == Answer, p.Value.ReadOnly && m.use == Request:
		case slices.Contains(m.above, p.Value):
			if required {
				fields[name] = nil // the only end that such a chain can have
			}
		case m.left < 0 && !required:
		case name == "status" && len(m.above) == 1 && m.status > 0:
			fields[name] = m.envelopeStatus(p, shown)
		default:
			fields[name] = m.value(p, shown)
		}
	}
	other := func(name string) {
		fields[name] = anyText
		if extra := s.AdditionalProperties.Schema; extra != nil {
			fields[name] = m.value(extra, m.doc.Below(node, "additionalProperties"))
		}
	}
	for _, name := range s.Required {
		if s.Properties[name] == nil {
			other(name)
		}
	}
	for i := 1; uint64(len(fields)) < s.MinProps; i++ {
		other("key" + strconv.Itoa(i))
	}
	return fields
}

// envelopeStatus puts the status code into the envelope that every answer of
// CommBox is, where the document shows no other value.
func (m *maker) envelopeStatus(p *openapi3.SchemaRef, node any) any {
	code := strconv.Itoa(m.status)
	if len(m.shown(m.doc.resolved(node))) == 0 {
		for _, value := range []any{code, json.Number(code)} {
			if m.fits(p.Value, value) {
				return value
			}
		}
	}
	return m.value(p, node)
}

// array has as many items as it must, one if it may, none if they lead back to a
// schema above.
func (m *maker) array(s *openapi3.Schema, node any) []any {
	items := []any{}
	if s.Items == nil || slices.Contains(m.above, s.Items.Value) || m.left < 0 && s.MinItems == 0 {
		return items
	}
	n := max(s.MinItems, 1)
	if s.MaxItems != nil {
		n = min(n, *s.MaxItems)
	}
	shown := m.doc.Below(node, "items")
	for range n {
		item := m.value(s.Items, shown)
		if s.UniqueItems && len(items) > 0 {
			item = m.another(s.Items, m.doc.resolved(shown), item, items)
		}
		items = append(items, item)
	}
	return items
}

// another is an item that is not among those of a list yet.
func (m *maker) another(ref *openapi3.SchemaRef, node, item any, items []any) any {
	candidates := m.shown(node)
	for i := range len(items) + 1 {
		switch item := item.(type) {
		case string:
			candidates = append(candidates, item[:max(len(item)-1, 0)]+strconv.Itoa(i))
		case float64:
			candidates = append(candidates, item+float64(i))
		case bool:
			candidates = append(candidates, !item)
		}
	}
	for _, c := range candidates {
		if !slices.Contains(items, c) && m.fits(ref.Value, c) {
			return c
		}
	}
	return item
}
