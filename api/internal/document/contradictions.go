package document

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// acceptBoth fixes fields of answers whose type and example contradict each other. Nobody
// knows which of the two CommBox sends, so the field accepts both: a text or a number, or
// anything if one of them is an object or a list.
func (b *builder) acceptBoth() {
	answered, schemas := map[*yaml.Node]bool{}, map[*openapi3.Schema]*place{}
	b.walk(b.top(), func(p *place) {
		switch {
		case p.kind == "response":
			b.mark(p, answered)
		case p.kind == schemaKind && reference(p) == "":
			schemas[b.loaded(p)] = p
		}
	})
	b.eachExample(func(example, value, schema *place) {
		if !answered[schema.node] || example.key == "default" || example.up.kind == "header" {
			return
		}
		for _, e := range schemaErrors(b.hold(value, schema, openapi3.MultiErrors())) {
			v := value
			for _, key := range e.JSONPointer() {
				v = b.child(v, key)
			}
			if p := schemas[e.Schema]; p != nil && v != nil {
				b.accept(p, v, e.SchemaField)
			}
		}
	})
}

// schemaErrors returns the errors inside an error. It does not look into oneOf and anyOf:
// if no alternative fits, it is not known which one was meant.
func schemaErrors(err error) (all []*openapi3.SchemaError) {
	switch e := any(err).(type) {
	case openapi3.MultiError:
		for _, err := range e {
			all = append(all, schemaErrors(err)...)
		}
	case *openapi3.SchemaError:
		if e.SchemaField == "allOf" {
			return schemaErrors(errors.Unwrap(e.Origin))
		}
		all = append(all, e)
	}
	return all
}

// mark marks a place and everything below it, also through references.
func (b *builder) mark(p *place, marked map[*yaml.Node]bool) {
	b.walk(p, func(inner *place) {
		if seen := marked[inner.node]; seen {
			return
		}
		marked[inner.node] = true
		if to := b.target(inner); to != nil && to != inner {
			b.mark(to, marked)
		}
	})
}

// goType is oapi-codegen's extension that names a Go type. goText is our type for texts
// and numbers.
const goType, goText = "x-go-type", "wire.Text"

// accept changes a schema so that it accepts a value. field is the field of the schema
// that the value breaks.
func (b *builder) accept(schema, value *place, field string) {
	kind, n, isText := text(schema.node, "type"), value.node, text(schema.node, goType) == goText
	switch {
	case isNull(n):
		// null says nothing about the type.
		if value.up.kind == anyKind {
			b.note(value, nullExample, "")
			drop(value)
		}
		return
	case field == "format" && slices.Contains([]string{"date", "byte", "int32"}, text(schema.node, "format")):
		b.contradicts(schema, n)
		remove(schema.node, "format")
		return
	case isText:
	case field != "type" && field != "enum" || kind == "" || fits(kind, n):
		return
	default:
		b.contradicts(schema, n)
	}
	for _, key := range []string{"type", "format", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength",
		"items", "properties", "additionalProperties", "required"} {
		remove(schema.node, key)
	}
	switch {
	case kind == "object" || kind == "array" || n.Kind != yaml.ScalarNode:
	case kind == "integer" && n.Tag == "!!float":
		set(schema.node, "type", newString("number"))
	default:
		set(schema.node, "oneOf", node("[type: string, type: number, type: boolean]"))
		set(schema.node, goType, newString(goText))
		set(schema.node, goType+"-import", node("path: github.com/commbox-go/client/commbox/wire"))
	}
}

const nullExample = "is null, which the schema does not allow; it was dropped"

func (b *builder) contradicts(schema *place, example *yaml.Node) {
	declared := strings.TrimSpace(text(schema.node, "type") + " " + text(schema.node, "format"))
	b.defect(schema, "type and example contradict each other, and both are accepted", fmt.Sprintf("%s, and %s", declared, brief(example)))
}
