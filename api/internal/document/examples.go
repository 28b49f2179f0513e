package document

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-openapi/jsonpointer"
	"gopkg.in/yaml.v3"
)

// checkExamples drops every example and default that its schema does not
// allow. In answers the example may be right and the type wrong.
func (b *builder) checkExamples() {
	b.acceptBoth()
	if b.load() {
		b.walk(b.top(), b.examples)
	}
}

func (b *builder) examples(p *place) {
	if reference(p) != "" {
		return
	}
	switch p.kind {
	case schemaKind:
		b.check(p, "example", p)
		b.check(p, "default", p)
		if list := b.child(p, "examples"); list != nil {
			b.list(list, p)
		}
	case "parameter", "header", "mediaType":
		schema := b.child(p, "schema")
		if schema == nil {
			return
		}
		if get(p.node, "example") != nil && get(p.node, "examples") != nil {
			b.defect(b.child(p, "example"), "there are examples too; it was dropped", "")
			remove(p.node, "example")
		}
		b.check(p, "example", schema)
		if named := b.child(p, "examples"); named != nil {
			b.named(named, schema)
		}
	}
}

func (b *builder) check(owner *place, key string, schema *place) {
	if p := b.child(owner, key); p != nil && b.refused(p, p, schema) {
		remove(owner.node, key)
	}
}

func (b *builder) list(list, schema *place) {
	var kept []*yaml.Node
	for i, n := range list.node.Content {
		p := b.child(list, fmt.Sprint(i))
		if !b.refused(p, p, schema) {
			kept = append(kept, n)
		}
	}
	list.node.Content = kept
}

func (b *builder) named(all, schema *place) {
	for key := range entries(all.node) {
		example := b.child(all, key.Value)
		to := example
		if ref := reference(example); ref != "" {
			to, _ = b.lead("example", ref)
		}
		if value := b.child(to, "value"); value != nil && b.refused(example, value, schema) {
			remove(all.node, key.Value)
		}
	}
}

// refused reports whether the schema does not allow a value, and warns.
func (b *builder) refused(p, value, schema *place) bool {
	s := b.schemaAt(schema)
	if s == nil {
		return false
	}
	var v any
	if err := json.Unmarshal(encode(value.node), &v); err != nil {
		return false
	}
	err := s.VisitJSON(v, b.options(p)...)
	switch {
	case err == nil:
		return false
	case v == nil:
		b.defects = append(b.defects, p.note("is null, which the schema does not allow; it was dropped", ""))
		return true
	}
	why, _, _ := strings.Cut(err.Error(), "\n")
	why, _, _ = strings.Cut(why, ": string doesn't match pattern") // of a format, whose name says more
	label := "example"
	if p.up.kind == schemaKind && p.key == "default" {
		label = "default"
	}
	b.defect(p, "the schema does not allow this "+label+", which was dropped", why)
	return true
}

// options are those that the validation of the whole document uses.
func (b *builder) options(p *place) []openapi3.SchemaValidationOption {
	var options []openapi3.SchemaValidationOption
	if b.version.is31 {
		options = append(options, openapi3.EnableJSONSchema2020())
	}
	for at := p; at != nil; at = at.up {
		switch at.kind {
		case schemaKind:
			return options
		case "requestBody":
			return append(options, openapi3.VisitAsRequest())
		case "response":
			return append(options, openapi3.VisitAsResponse())
		}
	}
	return options
}

// schemaAt returns the schema of a place in the loaded document.
func (b *builder) schemaAt(p *place) *openapi3.Schema {
	if ref := reference(p); ref != "" {
		to, why := b.lead(schemaKind, ref)
		if why != "" || to == p {
			return nil
		}
		return b.schemaAt(to)
	}
	pointer, err := jsonpointer.New(p.pointer())
	if err != nil {
		return nil
	}
	found, _, err := pointer.Get(b.doc)
	if err != nil {
		return nil
	}
	schema, _ := found.(*openapi3.Schema)
	return schema
}
