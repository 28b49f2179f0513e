package document

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// fixKeys deals with the keys that objects cannot have.
func (b *builder) fixKeys() { b.walk(b.top(), b.keys) }

// fixValues deals with the values that are of the wrong type. Those that leave
// no doubt about what is meant are converted; the others are errors.
func (b *builder) fixValues() { b.walk(b.top(), b.value) }

func (b *builder) value(p *place) {
	switch {
	case p.kind == "string" || p.kind == "boolean" || p.kind == "number" || p.kind == "integer":
		b.plain(p)
	case p.kind == anyKind:
	case strings.HasPrefix(p.kind, "[]"):
		if p.node.Kind != yaml.SequenceNode {
			b.fail(p, "has to be a list and is "+brief(p.node), "repair it in the overlay: target "+p.target())
		}
	case p.node.Kind != yaml.MappingNode:
		b.fail(p, fmt.Sprintf("has to be %s and is %s", article(p.kind), brief(p.node)), "repair it in the overlay: target "+p.target())
	case reference(p) != "":
		b.siblings(p)
	case p.kind == schemaKind:
		b.schema(p)
	case p.kind == "parameter":
		b.parameter(p)
	case p.kind == "response" && get(p.node, "description") == nil:
		set(p.node, "description", newString("", p.node.Line))
		b.defect(p, "has no description and got an empty one", "")
	}
}

// siblings drops what stands beside a $ref, where the standard ignores it.
func (b *builder) siblings(p *place) {
	for key := range entries(p.node) {
		ignored := key.Value != "$ref" && !strings.HasPrefix(key.Value, "x-")
		if b.version.is31 && (p.kind == schemaKind || key.Value == "summary" || key.Value == "description") {
			ignored = false
		}
		if ignored {
			b.defect(b.child(p, key.Value), besideReference, "")
			remove(p.node, key.Value)
		}
	}
}

// keys deals with the keys that an object cannot have.
func (b *builder) keys(p *place) {
	if !isObject(p.kind) || reference(p) != "" {
		return
	}
	b.swagger2(p)
	kept := make([]*yaml.Node, 0, len(p.node.Content))
	for key, value := range entries(p.node) {
		k, known := b.version.field(p.kind, key.Value)
		at := &place{up: p, key: key.Value, node: value, kind: k}
		keep := true
		switch {
		case !known:
			keep = b.stray(at, key)
		case value.Tag == "!!null" && k != anyKind:
			b.defect(at, "is null and was dropped", "")
			keep = false
		case p.kind == "paths" && k != anyKind && !strings.HasPrefix(key.Value, "/") && get(p.node, "/"+key.Value) == nil:
			b.defect(at, "the path does not begin with a slash and got one", "")
			key.Value = "/" + key.Value
		}
		if keep {
			kept = append(kept, key, value)
		}
	}
	p.node.Content = kept
}

// swagger2 gives a parameter the schema that it has the keys of.
func (b *builder) swagger2(p *place) {
	if p.kind != "parameter" && p.kind != "header" || get(p.node, "schema") != nil || get(p.node, "content") != nil {
		return
	}
	schema := newMapping(p.node.Line)
	for key, value := range entries(p.node) {
		_, known := b.version.field(p.kind, key.Value)
		if _, ofSchema := b.version.field(schemaKind, key.Value); ofSchema && !known {
			remove(p.node, key.Value)
			set(schema, key.Value, value)
		}
	}
	if len(schema.Content) > 0 {
		set(p.node, "schema", schema)
		b.defect(p, "has no schema but the keys of one, as in Swagger 2; they were moved into one", "")
	}
}

// stray deals with a key that its object cannot have. It returns false if the
// key has to go.
func (b *builder) stray(at *place, key *yaml.Node) bool {
	owner := at.up
	switch proper := b.proper(owner.kind, at.key); {
	case at.key == "$ref":
		b.fail(at, "is no reference", "repair it in the overlay: target "+at.target())
		return true
	case proper != "" && get(owner.node, proper) == nil:
		b.defect(at, "the key is in the wrong case", fmt.Sprintf("taken for %q", proper))
		key.Value = proper
		return true
	case owner.kind == "pathItem" && get(at.node, "responses") != nil:
		b.fail(at, fmt.Sprintf("OpenAPI has no operation %q", at.key), "remove it in the overlay: target "+at.target())
		return true
	}
	b.defect(at, article(owner.kind)+" has no such key; it was dropped", "")
	return false
}

// proper returns the key that one in the wrong case stands for.
func (b *builder) proper(in kind, key string) string {
	for _, g := range []map[kind]map[string]kind{grammar, grammar31} {
		for known := range g[in] {
			if _, ok := b.version.field(in, known); ok && known != key && strings.EqualFold(known, key) {
				return known
			}
		}
	}
	return ""
}

// plain mends a value of the wrong type if it reads as one of the right type.
func (b *builder) plain(p *place) {
	n := p.node
	fits := n.Tag == map[kind]string{"string": "!!str", "boolean": "!!bool", "integer": "!!int", "number": "!!float"}[p.kind]
	if fits || p.kind == "number" && n.Tag == "!!int" {
		return
	}
	before := brief(n)
	if !convert(n, p.kind) {
		b.fail(p, fmt.Sprintf("has to be %s and is %s", article(p.kind), before), "repair it in the overlay: target "+p.target())
		return
	}
	b.defect(p, "is of the wrong type and was converted", fmt.Sprintf("%s where %s is needed", before, article(p.kind)))
}

// convert changes the type of a value, if its text allows it.
func convert(n *yaml.Node, to kind) bool {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return false
	}
	value := strings.TrimSpace(n.Value)
	switch to {
	case "string":
		n.Tag = "!!str"
		return true
	case "boolean":
		value = strings.ToLower(value)
		if value != "true" && value != "false" {
			return false
		}
		n.Tag, n.Value = "!!bool", value
		return true
	default:
		f, err := strconv.ParseFloat(value, 64)
		if err != nil || to == "integer" && f != float64(int64(f)) {
			return false
		}
		if to == "integer" {
			value = strconv.FormatInt(int64(f), 10)
		}
		n.Tag, n.Value = numberTag(value), value
		return true
	}
}
