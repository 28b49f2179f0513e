package document

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-openapi/jsonpointer"
	"gopkg.in/yaml.v3"
)

// checkExamples drops every example and default that its schema does not
// allow.
func (b *builder) checkExamples() {
	b.eachExample(func(example, value, schema *place) {
		err := b.hold(value, schema, options(example)...)
		switch {
		case err == nil:
			return
		case isNull(value.node):
			b.note(example, nullExample, "")
		default:
			why, _, _ := strings.Cut(err.Error(), "\n")
			why, _, _ = strings.Cut(why, ": string doesn't match pattern") // a format has a pattern, but its name says more
			b.defect(example, "the schema does not allow this example or default, which was dropped", why)
		}
		drop(example)
	})
}

// eachExample visits the examples and defaults of all schemas, with their
// values.
func (b *builder) eachExample(visit func(example, value, schema *place)) {
	b.walk(b.top(), func(p *place) {
		schema := p
		if p.kind == "parameter" || p.kind == "header" || p.kind == "mediaType" {
			schema = b.child(p, "schema")
		} else if p.kind != schemaKind {
			return
		}
		if schema == nil || reference(p) != "" {
			return
		}
		for c := range b.children(p) {
			if c.key == "example" || c.key == "default" {
				visit(c, c, schema)
			}
		}
		for each := range b.children(b.child(p, "examples")) {
			if value := b.child(b.target(each), "value"); value != nil {
				visit(each, value, schema)
			}
		}
	})
}

// hold checks a value against a schema.
func (b *builder) hold(value, schema *place, options ...openapi3.SchemaValidationOption) error {
	var v any
	s := b.loaded(b.target(schema))
	if err := json.Unmarshal(encode(value.node, 0), &v); err != nil || s == nil {
		return nil
	}
	return s.VisitJSON(v, options...)
}

// options returns the options that the validation of the whole document uses.
func options(p *place) (all []openapi3.SchemaValidationOption) {
	for ; p != nil && p.kind != schemaKind; p = p.up {
		switch p.kind {
		case "requestBody":
			all = append(all, openapi3.VisitAsRequest())
		case "response":
			all = append(all, openapi3.VisitAsResponse())
		}
	}
	return all
}

// loaded returns the schema at a place as the library has loaded it.
func (b *builder) loaded(p *place) *openapi3.Schema {
	if p == nil {
		return nil
	}
	pointer, _ := jsonpointer.New(p.pointer()) // ours is well formed
	found, _, _ := pointer.Get(b.doc)
	schema, _ := found.(*openapi3.Schema)
	return schema
}

// load loads the tree into the library that the generator and the test server use. It
// reads no other file.
func (b *builder) load() {
	var err error
	if b.doc, err = openapi3.NewLoader().LoadFromData(encode(b.root, 0)); err != nil {
		b.invalid(err)
	}
}

// validate reports what the library still finds wrong, including examples.
func (b *builder) validate() {
	var all openapi3.MultiError
	if err := b.doc.Validate(context.Background(), openapi3.EnableMultiError()); err != nil && !errors.As(err, &all) {
		all = openapi3.MultiError{err}
	}
	for _, err := range all {
		b.invalid(err)
	}
}

// invalid makes a problem from an error of the library, at the closest place that the
// error names.
func (b *builder) invalid(err error) {
	keys := []string{}
	if e := new(*openapi3.PathValidationError); errors.As(err, e) {
		keys = append(keys, "paths", (*e).Path)
	}
	if e := new(*openapi3.OperationValidationError); errors.As(err, e) {
		keys = append(keys, strings.ToLower((*e).Method))
	}
	if e := new(*openapi3.ComponentValidationError); errors.As(err, e) {
		keys = append(keys, "components", (*e).Section+"s", (*e).Name)
	}
	p := b.top()
	for _, key := range keys {
		if next := b.child(p, key); next != nil {
			p = next
		}
	}
	what, _, _ := strings.Cut(err.Error(), "\n")
	b.fail(p, "is not valid: "+what, inOverlay)
}

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
