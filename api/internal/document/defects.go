package document

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// fixKeys drops the keys that an object cannot have.
func (b *builder) fixKeys(p *place) {
	if !b.grammar.isObject(p.kind) || reference(p) != "" {
		return
	}
	for c := range b.children(p) {
		_, known := b.grammar.field(p.kind, c.key)
		switch {
		case !known && p.kind == "pathItem" && get(c.node, "responses") != nil:
			b.fail(c, fmt.Sprintf("OpenAPI has no operation %q", c.key), "remove it in the overlay")
			continue
		case !known:
			b.defect(c, "the key is none of a "+p.kind+"; it was dropped", "")
		case isNull(c.node) && c.kind != anyKind:
			b.defect(c, "is null and was dropped", "")
		case c.key == "example" && p.kind != schemaKind && get(p.node, "examples") != nil:
			b.defect(c, "there are examples too; it was dropped", "")
		default:
			continue
		}
		drop(c)
	}
}

// fixValue deals with a value that is of the wrong type. One that leaves no
// doubt about what is meant is converted; any other is an error.
func (b *builder) fixValue(p *place) {
	isList := strings.HasPrefix(p.kind, "[]")
	switch {
	case jsonTags[p.kind] != "":
		b.convert(p)
	case isList && p.node.Kind != yaml.SequenceNode, !isList && p.node.Kind != yaml.MappingNode:
		b.fail(p, fmt.Sprintf("is %s, and a value of the kind %s is needed", brief(p.node), p.kind), inOverlay)
	case reference(p) != "":
	case p.kind == schemaKind:
		b.schema(p)
	case p.kind == "parameter":
		b.parameter(p)
	case p.kind == "response" && get(p.node, "description") == nil:
		set(p.node, "description", newString(""))
		b.defect(p, "has no description and got an empty one", "")
	}
}

// jsonTags are the tags of what is of a type of JSON.
var jsonTags = map[kind]string{
	"string": "!!str", "boolean": "!!bool", "integer": "!!int", "number": "!!int !!float", "object": "!!map", "array": "!!seq",
}

func fits(k kind, n *yaml.Node) bool { return strings.Contains(jsonTags[k], n.Tag) }

// convert changes the type of a plain value, if its text allows it.
func (b *builder) convert(p *place) {
	if fits(p.kind, p.node) {
		return
	}
	tag, value := "", strings.ToLower(strings.TrimSpace(p.node.Value))
	var v any
	_ = json.Unmarshal([]byte(value), &v) // what does not parse is text
	switch _, number := v.(float64); {
	case p.node.Kind != yaml.ScalarNode || isNull(p.node):
	case p.kind == "string":
		tag, value = "!!str", p.node.Value
	case number:
		tag = node(value).Tag
	case value == "true" || value == "false":
		tag = "!!bool"
	}
	if tag == "" || !strings.Contains(jsonTags[p.kind], tag) {
		b.fail(p, fmt.Sprintf("is %s, and a value of the kind %s is needed", brief(p.node), p.kind), inOverlay)
		return
	}
	b.defect(p, "is of the wrong type and was converted", fmt.Sprintf("%s to %s", brief(p.node), p.kind))
	p.node.Tag, p.node.Value = tag, value
}

// fixSecurity defines a security scheme that is required and not defined:
// rendered, CommBox's pages show HTTP bearer.
func (b *builder) fixSecurity(p *place) {
	if p.up == nil || p.up.kind != "security" {
		return
	}
	if schemes := ensure(get(b.root, "components"), "securitySchemes"); get(schemes, p.key) == nil {
		set(schemes, p.key, node("{type: http, scheme: bearer}"))
		b.defect(p, "a security scheme is required and not defined; taken for HTTP bearer", p.key)
	}
}

var streamID = regexp.MustCompile(`(?i:^|_|-)(?i:stream_?id)$|[a-z0-9]StreamI[dD]$`)

// parameter fixes a path parameter that does not say that it is required: no
// path exists without it. And stream IDs are text: CommBox's encrypted one may
// stand wherever its documents ask for a number.
func (b *builder) parameter(p *place) {
	if required := get(p.node, "required"); text(p.node, "in") == "path" && (required == nil || isDefault(required)) {
		set(p.node, "required", node("true"))
		b.defect(p, "is a path parameter that is not required, and became required", "")
	}
	schema := b.child(p, "schema")
	if to := b.target(schema); to != nil && streamID.MatchString(text(p.node, "name")) {
		if kind := text(to.node, "type"); kind == "integer" || kind == "number" {
			b.defect(schema, "a stream ID is a number here; it became text", kind)
			set(p.node, "schema", node("type: string"))
		}
	}
}
