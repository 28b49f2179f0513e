package document

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A mender deals with the defects that the overlay left. Those that leave no
// doubt about what is meant are mended with a warning, the others are errors.
type mender struct {
	tree
	warnings, problems Problems
}

func (m *mender) warn(p *place, what string) {
	m.warnings = append(m.warnings, p.problem(what, "repair it in the overlay: target "+p.target()))
}

func (m *mender) fail(p *place, what, fix string) {
	m.problems = append(m.problems, p.problem(what, fix))
}

func (m *mender) visit(p *place) {
	switch {
	case p.kind == "string" || p.kind == "boolean" || p.kind == "number" || p.kind == "integer":
		m.plain(p)
	case p.kind == anyKind:
	case strings.HasPrefix(p.kind, "[]"):
		if p.node.Kind != yaml.SequenceNode {
			m.fail(p, "has to be a list and is "+brief(p.node), "repair it in the overlay: target "+p.target())
		}
	case p.node.Kind != yaml.MappingNode:
		m.fail(p, fmt.Sprintf("has to be a %s and is %s", name(p.kind), brief(p.node)), "repair it in the overlay: target "+p.target())
	case reference(p) != "":
		m.siblings(p)
	default:
		m.keys(p)
		switch p.kind {
		case schemaKind:
			m.schema(p)
		case "parameter":
			m.parameter(p)
		case "response":
			if get(p.node, "description") == nil {
				set(p.node, "description", newString("", p.node.Line))
				m.warn(p, "has no description and got an empty one")
			}
		}
	}
}

// siblings drops what stands beside a $ref, where the standard ignores it.
func (m *mender) siblings(p *place) {
	for key := range entries(p.node) {
		ignored := key.Value != "$ref" && !strings.HasPrefix(key.Value, "x-")
		if m.version.is31 && (p.kind == schemaKind || key.Value == "summary" || key.Value == "description") {
			ignored = false
		}
		if ignored {
			m.warn(m.child(p, key.Value), "stands beside a $ref, where it is ignored, and was dropped")
			remove(p.node, key.Value)
		}
	}
}

// keys deals with the keys that an object cannot have.
func (m *mender) keys(p *place) {
	for key, value := range entries(p.node) {
		k, known := m.version.field(p.kind, key.Value)
		at := &place{up: p, key: key.Value, node: value, kind: k}
		switch proper := m.proper(p.kind, key.Value); {
		case known && value.Tag == "!!null" && k != anyKind:
			m.warn(at, "is null and was dropped")
			remove(p.node, key.Value)
		case known:
		case proper != "" && get(p.node, proper) == nil:
			m.warn(at, fmt.Sprintf("the key is in the wrong case and was taken for %q", proper))
			key.Value = proper
		case p.kind == "pathItem" && get(value, "responses") != nil:
			m.fail(at, fmt.Sprintf("OpenAPI has no operation %q", key.Value), "remove it in the overlay: target "+at.target())
		default:
			m.warn(at, fmt.Sprintf("a %s has no key %q; it was dropped", name(p.kind), key.Value))
			remove(p.node, key.Value)
		}
	}
}

// proper returns the key that one in the wrong case stands for.
func (m *mender) proper(in kind, key string) string {
	for _, g := range []map[kind]map[string]kind{grammar, grammar31} {
		for known := range g[in] {
			if _, ok := m.version.field(in, known); ok && known != key && strings.EqualFold(known, key) {
				return known
			}
		}
	}
	return ""
}

// plain mends a value of the wrong type if it reads as one of the right type.
func (m *mender) plain(p *place) {
	n := p.node
	fits := n.Tag == map[kind]string{"string": "!!str", "boolean": "!!bool", "integer": "!!int", "number": "!!float"}[p.kind]
	if fits || p.kind == "number" && n.Tag == "!!int" {
		return
	}
	before := brief(n)
	if !convert(n, p.kind) {
		m.fail(p, fmt.Sprintf("has to be a %s and is %s", p.kind, before), "repair it in the overlay: target "+p.target())
		return
	}
	m.warn(p, fmt.Sprintf("is %s where a %s is needed, and was converted", before, p.kind))
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
