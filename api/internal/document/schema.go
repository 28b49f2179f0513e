package document

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

var types = []string{"string", "number", "integer", "boolean", "object", "array"}

// meant is what people write for a type, and the type and format they mean.
var meant = map[string]string{
	"int": "integer", "int32": "integer with format int32", "int64": "integer with format int64",
	"long": "integer with format int64", "float": "number with format float", "double": "number with format double",
	"decimal": "number", "bool": "boolean", "str": "string", "text": "string", "date": "string with format date",
	"datetime": "string with format date-time", "date-time": "string with format date-time",
	"uuid": "string with format uuid", "file": "string with format binary", "binary": "string with format binary",
	"list": "array", "map": "object", "dict": "object", "json": "object", "any": "no type at all",
}

func (b *builder) schema(p *place) {
	b.required(p)
	b.types(p)
	b.object(p)
	if kind := text(p.node, "type"); kind == "array" && get(p.node, "items") == nil {
		set(p.node, "items", newMapping(p.node.Line))
		b.defect(p, "is an array without items and became one of anything", "")
	} else if enum := get(p.node, "enum"); enum != nil {
		b.enum(b.child(p, "enum"), kind)
	}
	if pattern := text(p.node, "pattern"); pattern != "" {
		if err := openapi3.NewStringSchema().WithPattern(pattern).Validate(context.Background()); err != nil {
			b.defect(b.child(p, "pattern"), "is a pattern that Go cannot match, and was dropped", text(p.node, "pattern"))
			remove(p.node, "pattern")
		}
	}
}

// required moves a property's "required: true" to the object that has it.
func (b *builder) required(p *place) {
	flag := b.child(p, "required")
	if flag == nil || flag.node.Kind != yaml.ScalarNode {
		return
	}
	remove(p.node, "required")
	if p.up.kind != "{}schema" || p.up.key != "properties" || !strings.EqualFold(flag.node.Value, "true") {
		b.defect(flag, "required is a list of properties; it was dropped", brief(flag.node))
		return
	}
	owner := p.up.up.node
	if get(owner, "required") == nil {
		set(owner, "required", &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: flag.node.Line})
	}
	list := get(owner, "required")
	if !slices.ContainsFunc(list.Content, func(n *yaml.Node) bool { return n.Value == p.key }) {
		list.Content = append(list.Content, newString(p.key, flag.node.Line))
	}
	b.defect(flag, "a property cannot require itself; the object that has it requires it now", "")
}

// types settles the type of a schema.
func (b *builder) types(p *place) {
	declared := b.child(p, "type")
	if declared == nil {
		return
	}
	if declared.node.Kind == yaml.SequenceNode {
		for i, n := range declared.node.Content {
			b.typeName(&place{up: declared, key: fmt.Sprint(i), node: n, kind: "string"})
		}
		b.single(p, declared)
		return
	}
	b.typeName(declared)
}

func (b *builder) typeName(p *place) {
	given := p.node.Value
	lower := strings.ToLower(strings.TrimSpace(given))
	switch {
	case slices.Contains(types, given), given == "null" && (b.version.is31 || p.up.node.Kind == yaml.SequenceNode):
	case slices.Contains(types, lower):
		p.node.Value = lower
		b.defect(p, "the type is in the wrong case", fmt.Sprintf("%q taken for %q", given, lower))
	default:
		hint := "use one of " + strings.Join(types, ", ")
		if m := meant[lower]; m != "" {
			hint = "probably " + m
		}
		b.fail(p, fmt.Sprintf("there is no type %q", given), hint+"; repair it in the overlay: target "+p.target())
	}
}

// single makes one type of a list, for OpenAPI 3.0 has no lists, and the
// generator knows only those of one type and null.
func (b *builder) single(p, list *place) {
	var named []*yaml.Node
	null := false
	for _, n := range list.node.Content {
		if null = null || n.Value == "null"; n.Value != "null" {
			named = append(named, n)
		}
	}
	if len(named) == 0 || b.version.is31 && len(named) == 1 {
		return
	}
	remove(p.node, "type")
	if len(named) == 1 {
		set(p.node, "type", named[0])
	} else {
		either := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: list.node.Line}
		for _, n := range named {
			schema := newMapping(n.Line)
			set(schema, "type", n)
			either.Content = append(either.Content, schema)
		}
		set(p.node, "anyOf", either)
	}
	if null {
		set(p.node, "nullable", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true", Line: list.node.Line})
	}
	if !b.version.is31 {
		b.defect(list, "OpenAPI 3.0 has no lists of types; it was taken for anyOf and nullable", "")
	}
}

// enum gives the values of an enumeration the type that the schema declares
// and takes out what is there twice.
func (b *builder) enum(p *place, declared kind) {
	if p.node.Kind != yaml.SequenceNode {
		return
	}
	var values []*yaml.Node
	seen := map[string]bool{}
	for i, n := range p.node.Content {
		at := &place{up: p, key: fmt.Sprint(i), node: n, kind: declared}
		if n.Tag != "!!null" && (declared == "string" || declared == "integer" || declared == "number" || declared == "boolean") {
			b.plain(at)
		}
		if n.Kind == yaml.ScalarNode && seen[n.Tag+n.Value] {
			b.defect(at, "is in the list twice, and was dropped", brief(n))
			continue
		}
		seen[n.Tag+n.Value] = true
		values = append(values, n)
	}
	p.node.Content = values
}
