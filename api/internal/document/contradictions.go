package document

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// acceptBoth deals with fields of answers whose type and example contradict
// each other. Nobody knows which of the two CommBox sends, so that both are
// accepted: text or number, or anything if one of the two is a structure.
func (b *builder) acceptBoth() {
	answered := b.answered()
	b.walk(b.top(), func(p *place) {
		switch {
		case reference(p) != "" || !inside(p, answered):
		case p.kind == schemaKind:
			b.hold(p, b.child(p, "example"))
		case p.kind == "mediaType":
			schema := b.child(p, "schema")
			b.hold(schema, b.child(p, "example"))
			if named := b.child(p, "examples"); named != nil {
				for key := range entries(named.node) {
					if to := b.follows(b.child(named, key.Value)); to != nil {
						b.hold(schema, b.child(to, "value"))
					}
				}
			}
		}
	})
}

// follows returns the place itself, or what it refers to, or nil.
func (b *builder) follows(p *place) *place {
	for range maxReferences {
		ref := reference(p)
		if ref == "" {
			return p
		}
		to, why := b.lead(p.kind, ref)
		if why != "" {
			return nil
		}
		p = to
	}
	return nil
}

// answered returns what answers are made of: the responses, and the components
// that they refer to.
func (b *builder) answered() map[*yaml.Node]bool {
	nodes := map[*yaml.Node]bool{}
	var mark func(p *place)
	mark = func(p *place) {
		if p == nil || nodes[p.node] {
			return
		}
		nodes[p.node] = true
		b.walk(p, func(inner *place) {
			if ref := reference(inner); ref != "" {
				mark(b.resolve(ref))
			}
		})
	}
	b.walk(b.top(), func(p *place) {
		if p.kind == "response" {
			mark(p)
		}
	})
	return nodes
}

func inside(p *place, nodes map[*yaml.Node]bool) bool {
	for ; p != nil; p = p.up {
		if nodes[p.node] {
			return true
		}
	}
	return false
}

// hold holds an example against the types of a schema.
func (b *builder) hold(schema, example *place) {
	if schema == nil || example == nil {
		return
	}
	if schema = b.follows(schema); schema == nil || example.node.Tag == "!!null" {
		return
	}
	if all := b.child(schema, "allOf"); all != nil {
		for i := range all.node.Content {
			b.hold(b.child(all, strconv.Itoa(i)), example)
		}
	}
	kind := text(schema.node, "type")
	switch {
	case get(schema.node, "oneOf") != nil && get(schema.node, goType) != nil:
		b.accept(schema, example)
	case kind == "object" && example.node.Kind == yaml.MappingNode, kind == "" && get(schema.node, "properties") != nil:
		b.holdFields(schema, example)
	case kind == "array" && example.node.Kind == yaml.SequenceNode:
		for i := range example.node.Content {
			b.hold(b.child(schema, "items"), b.child(example, strconv.Itoa(i)))
		}
	case kind == "" || fits(kind, example.node):
		b.holdFormat(schema, example)
	case kind == "object" || kind == "array" || example.node.Kind != yaml.ScalarNode:
		b.contradicts(schema, example)
		for _, key := range []string{"type", "format", "items", "properties", "additionalProperties", "required", "enum", "pattern"} {
			remove(schema.node, key)
		}
	case kind == "integer" && example.node.Tag == "!!float":
		b.contradicts(schema, example)
		remove(schema.node, "format")
		set(schema.node, "type", newString("number", schema.node.Line))
	default:
		b.contradicts(schema, example)
		b.makeText(schema.node)
		b.accept(schema, example)
	}
}

func (b *builder) contradicts(schema, example *place) {
	kind := text(schema.node, "type")
	if format := text(schema.node, "format"); format != "" {
		kind += " of format " + format
	}
	b.defect(schema, "type and example contradict each other, and both are accepted", fmt.Sprintf("%s, and %s", kind, brief(example.node)))
}

// holdFields holds the fields of an example against the properties. A field
// that is null says nothing, and is taken out where the schema forbids it.
func (b *builder) holdFields(schema, example *place) {
	properties := b.child(schema, "properties")
	for key, value := range entries(example.node) {
		if properties != nil && get(properties.node, key.Value) != nil {
			b.hold(b.child(properties, key.Value), b.child(example, key.Value))
			property := b.follows(b.child(properties, key.Value))
			if value.Tag == "!!null" && property != nil && text(property.node, "type") != "" && get(property.node, "nullable") == nil {
				b.defects = append(b.defects, b.child(example, key.Value).note("is null, which the schema does not allow; it was dropped", ""))
				remove(example.node, key.Value)
			}
		} else if more := b.child(schema, "additionalProperties"); more != nil && more.kind == schemaKind {
			b.hold(more, b.child(example, key.Value))
		}
	}
}

func fits(kind string, n *yaml.Node) bool {
	tags := map[string]string{"string": "!!str", "integer": "!!int", "boolean": "!!bool", "number": "!!int !!float", "object": "!!map", "array": "!!seq"}
	return strings.Contains(tags[kind], n.Tag)
}

// holdFormat drops the format that an example of the right type does not have,
// if Go would then refuse the whole answer.
func (b *builder) holdFormat(schema, example *place) {
	var err error
	switch text(schema.node, "format") {
	case "date":
		_, err = time.Parse(time.DateOnly, example.node.Value)
	case "byte":
		_, err = base64.StdEncoding.DecodeString(example.node.Value)
	case "int32":
		_, err = strconv.ParseInt(example.node.Value, 10, 32)
	}
	if err != nil {
		b.contradicts(schema, example)
		remove(schema.node, "format")
	}
}

const goType = "x-go-type" // the generator's extension for a type of our own

// makeText lets a schema accept text and more. In Go it is what our own type
// for texts and numbers is.
func (b *builder) makeText(schema *yaml.Node) {
	declared := newMapping(schema.Line)
	for _, key := range []string{"type", "format", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength"} {
		if value := get(schema, key); value != nil {
			set(declared, key, value)
			remove(schema, key)
		}
	}
	set(schema, "oneOf", &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: schema.Line, Content: []*yaml.Node{declared}})
	imports := newMapping(0)
	set(imports, "path", newString("github.com/commbox-go/client/commbox/wire", 0))
	set(schema, goType, newString("wire.Text", 0))
	set(schema, goType+"-import", imports)
}

// accept adds the type of an example to the alternatives of a text.
func (b *builder) accept(schema, example *place) {
	alternatives := get(schema.node, "oneOf")
	for _, one := range alternatives.Content {
		if fits(text(one, "type"), example.node) {
			return
		}
		if text(one, "type") == "integer" && example.node.Tag == "!!float" {
			get(one, "type").Value = "number"
			return
		}
	}
	kind := map[string]string{"!!str": "string", "!!int": "integer", "!!float": "number", "!!bool": "boolean"}[example.node.Tag]
	if kind != "" {
		one := newMapping(0)
		set(one, "type", newString(kind, 0))
		alternatives.Content = append(alternatives.Content, one)
	}
}
