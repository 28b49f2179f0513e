package document

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-openapi/jsonpointer"
	"gopkg.in/yaml.v3"
)

// An examiner holds examples and defaults against their schemas.
type examiner struct {
	*mender
	doc *openapi3.T
}

// examples drops every example and default that its schema does not allow.
func (m *mender) examples(doc *openapi3.T) {
	e := &examiner{m, doc}
	m.walk(m.top(), e.visit)
}

func (e *examiner) visit(p *place) {
	if reference(p) != "" {
		return
	}
	switch p.kind {
	case schemaKind:
		e.check(p, "example", p)
		e.check(p, "default", p)
		if list := e.child(p, "examples"); list != nil {
			e.list(list, p)
		}
	case "parameter", "header", "mediaType":
		schema := e.child(p, "schema")
		if schema == nil {
			return
		}
		if get(p.node, "example") != nil && get(p.node, "examples") != nil {
			e.warn(e.child(p, "example"), "there are examples too; it was dropped")
			remove(p.node, "example")
		}
		e.check(p, "example", schema)
		if named := e.child(p, "examples"); named != nil {
			e.named(named, schema)
		}
	}
}

func (e *examiner) check(owner *place, key string, schema *place) {
	if p := e.child(owner, key); p != nil && e.refused(p, p, schema) {
		remove(owner.node, key)
	}
}

func (e *examiner) list(list, schema *place) {
	var kept []*yaml.Node
	for i, n := range list.node.Content {
		p := e.child(list, fmt.Sprint(i))
		if !e.refused(p, p, schema) {
			kept = append(kept, n)
		}
	}
	list.node.Content = kept
}

func (e *examiner) named(all, schema *place) {
	for key := range entries(all.node) {
		example := e.child(all, key.Value)
		to := example
		if ref := reference(example); ref != "" {
			to, _ = e.lead("example", ref)
		}
		if value := e.child(to, "value"); value != nil && e.refused(example, value, schema) {
			remove(all.node, key.Value)
		}
	}
}

// refused reports whether the schema does not allow a value, and warns.
func (e *examiner) refused(p, value, schema *place) bool {
	s := e.schemaAt(schema)
	if s == nil {
		return false
	}
	var v any
	if err := json.Unmarshal(encode(value.node), &v); err != nil {
		return false
	}
	err := s.VisitJSON(v, e.options(p)...)
	if err == nil {
		return false
	}
	why, _, _ := strings.Cut(err.Error(), "\n")
	why, _, _ = strings.Cut(why, ": string doesn't match pattern") // of a format, whose name says more
	label := "example"
	if p.up.kind == schemaKind && p.key == "default" {
		label = "default"
	}
	e.warn(p, fmt.Sprintf("the schema does not allow this %s, which was dropped: %s", label, why))
	return true
}

// options are those that the validation of the whole document uses.
func (e *examiner) options(p *place) []openapi3.SchemaValidationOption {
	var options []openapi3.SchemaValidationOption
	if e.version.is31 {
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
func (e *examiner) schemaAt(p *place) *openapi3.Schema {
	if ref := reference(p); ref != "" {
		to, why := e.lead(schemaKind, ref)
		if why != "" || to == p {
			return nil
		}
		return e.schemaAt(to)
	}
	pointer, err := jsonpointer.New(p.pointer())
	if err != nil {
		return nil
	}
	found, _, err := pointer.Get(e.doc)
	if err != nil {
		return nil
	}
	schema, _ := found.(*openapi3.Schema)
	return schema
}
