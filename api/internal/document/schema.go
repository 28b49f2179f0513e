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

func (m *mender) schema(p *place) {
	m.required(p)
	m.types(p)
	if kind := text(p.node, "type"); kind == "array" && get(p.node, "items") == nil {
		set(p.node, "items", newMapping(p.node.Line))
		m.warn(p, "is an array without items and became one of anything")
	} else if enum := get(p.node, "enum"); enum != nil {
		m.enum(m.child(p, "enum"), kind)
	}
	if pattern := text(p.node, "pattern"); pattern != "" {
		if err := openapi3.NewStringSchema().WithPattern(pattern).Validate(context.Background()); err != nil {
			m.warn(m.child(p, "pattern"), "is a pattern that Go cannot match, and was dropped")
			remove(p.node, "pattern")
		}
	}
}

// required moves a property's "required: true" to the object that has it.
func (m *mender) required(p *place) {
	flag := m.child(p, "required")
	if flag == nil || flag.node.Kind != yaml.ScalarNode {
		return
	}
	remove(p.node, "required")
	if p.up.kind != "{}schema" || p.up.key != "properties" || !strings.EqualFold(flag.node.Value, "true") {
		m.warn(flag, fmt.Sprintf("required is a list of properties, not %s; it was dropped", brief(flag.node)))
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
	m.warn(flag, "a property cannot require itself; the object that has it requires it now")
}

// types settles the type of a schema.
func (m *mender) types(p *place) {
	declared := m.child(p, "type")
	if declared == nil {
		return
	}
	if declared.node.Kind == yaml.SequenceNode {
		for i, n := range declared.node.Content {
			m.typeName(&place{up: declared, key: fmt.Sprint(i), node: n, kind: "string"})
		}
		m.single(p, declared)
		return
	}
	m.typeName(declared)
}

func (m *mender) typeName(p *place) {
	given := p.node.Value
	lower := strings.ToLower(strings.TrimSpace(given))
	switch {
	case slices.Contains(types, given), given == "null" && (m.version.is31 || p.up.node.Kind == yaml.SequenceNode):
	case slices.Contains(types, lower):
		p.node.Value = lower
		m.warn(p, fmt.Sprintf("the type %q is in the wrong case and was taken for %q", given, lower))
	default:
		hint := "use one of " + strings.Join(types, ", ")
		if m := meant[lower]; m != "" {
			hint = "probably " + m
		}
		m.fail(p, fmt.Sprintf("there is no type %q", given), hint+"; repair it in the overlay: target "+p.target())
	}
}

// single makes one type of a list, for OpenAPI 3.0 has no lists, and the
// generator knows only those of one type and null.
func (m *mender) single(p, list *place) {
	var named []*yaml.Node
	null := false
	for _, n := range list.node.Content {
		if null = null || n.Value == "null"; n.Value != "null" {
			named = append(named, n)
		}
	}
	if len(named) == 0 || m.version.is31 && len(named) == 1 {
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
	if !m.version.is31 {
		m.warn(list, "OpenAPI 3.0 has no lists of types; it was taken for anyOf and nullable")
	}
}

// enum gives the values of an enumeration the type that the schema declares
// and takes out what is there twice.
func (m *mender) enum(p *place, declared kind) {
	if p.node.Kind != yaml.SequenceNode {
		return
	}
	var values []*yaml.Node
	seen := map[string]bool{}
	for i, n := range p.node.Content {
		at := &place{up: p, key: fmt.Sprint(i), node: n, kind: declared}
		if n.Tag != "!!null" && (declared == "string" || declared == "integer" || declared == "number" || declared == "boolean") {
			m.plain(at)
		}
		if n.Kind == yaml.ScalarNode && seen[n.Tag+n.Value] {
			m.warn(at, "is in the list twice, and was dropped")
			continue
		}
		seen[n.Tag+n.Value] = true
		values = append(values, n)
	}
	p.node.Content = values
}
