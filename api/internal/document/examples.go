package document

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-openapi/jsonpointer"
)

// checkExamples drops every example and default that its schema does not
// allow.
func (b *builder) checkExamples() {
	b.eachExample(func(example, value, schema *place) {
		err := b.hold(value, schema, b.options(example)...)
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
			value := each
			if p.kind != schemaKind {
				value = b.child(b.target(each), "value")
			}
			if value != nil {
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
func (b *builder) options(p *place) (options []openapi3.SchemaValidationOption) {
	if b.grammar.is31() {
		options = append(options, openapi3.EnableJSONSchema2020())
	}
	for ; p != nil && p.kind != schemaKind; p = p.up {
		switch p.kind {
		case "requestBody":
			return append(options, openapi3.VisitAsRequest())
		case "response":
			return append(options, openapi3.VisitAsResponse())
		}
	}
	return options
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
