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
	if len(m.warnings) > maxProblems {
		return
	}
	m.warnings = append(m.warnings, p.problem(what, "repair it in the overlay: target "+p.target()))
}

func (m *mender) fail(p *place, what, fix string) {
	if len(m.problems) > maxProblems {
		return
	}
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
		m.fail(p, fmt.Sprintf("has to be %s and is %s", article(p.kind), brief(p.node)), "repair it in the overlay: target "+p.target())
	case reference(p) != "":
		m.siblings(p)
	case p.kind == schemaKind:
		m.schema(p)
	case p.kind == "parameter":
		m.parameter(p)
	case p.kind == "response" && get(p.node, "description") == nil:
		set(p.node, "description", newString("", p.node.Line))
		m.warn(p, "has no description and got an empty one")
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
			m.warnings = append(m.warnings, besideReference(m.child(p, key.Value)))
			remove(p.node, key.Value)
		}
	}
}

// keys deals with the keys that an object cannot have.
func (m *mender) keys(p *place) {
	if !isObject(p.kind) || reference(p) != "" {
		return
	}
	m.swagger2(p)
	kept := make([]*yaml.Node, 0, len(p.node.Content))
	for key, value := range entries(p.node) {
		k, known := m.version.field(p.kind, key.Value)
		at := &place{up: p, key: key.Value, node: value, kind: k}
		keep := true
		switch {
		case !known:
			keep = m.stray(at, key)
		case value.Tag == "!!null" && k != anyKind:
			m.warn(at, "is null and was dropped")
			keep = false
		case p.kind == "paths" && k != anyKind && !strings.HasPrefix(key.Value, "/") && get(p.node, "/"+key.Value) == nil:
			m.warn(at, "the path does not begin with a slash and got one")
			key.Value = "/" + key.Value
		}
		if keep {
			kept = append(kept, key, value)
		}
	}
	p.node.Content = kept
}

// swagger2 gives a parameter the schema that it has the keys of.
func (m *mender) swagger2(p *place) {
	if p.kind != "parameter" && p.kind != "header" || get(p.node, "schema") != nil || get(p.node, "content") != nil {
		return
	}
	schema := newMapping(p.node.Line)
	for key, value := range entries(p.node) {
		_, known := m.version.field(p.kind, key.Value)
		if _, ofSchema := m.version.field(schemaKind, key.Value); ofSchema && !known {
			remove(p.node, key.Value)
			set(schema, key.Value, value)
		}
	}
	if len(schema.Content) > 0 {
		set(p.node, "schema", schema)
		m.warn(p, "has no schema but the keys of one, as in Swagger 2; they were moved into one")
	}
}

// stray deals with a key that its object cannot have. It returns false if the
// key has to go.
func (m *mender) stray(at *place, key *yaml.Node) bool {
	owner := at.up
	switch proper := m.proper(owner.kind, at.key); {
	case at.key == "$ref":
		m.fail(at, "is no reference", "repair it in the overlay: target "+at.target())
		return true
	case proper != "" && get(owner.node, proper) == nil:
		m.warn(at, fmt.Sprintf("the key is in the wrong case and was taken for %q", proper))
		key.Value = proper
		return true
	case owner.kind == "pathItem" && get(at.node, "responses") != nil:
		m.fail(at, fmt.Sprintf("OpenAPI has no operation %q", at.key), "remove it in the overlay: target "+at.target())
		return true
	}
	m.warn(at, fmt.Sprintf("%s has no key %q; it was dropped", article(owner.kind), at.key))
	return false
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
		m.fail(p, fmt.Sprintf("has to be %s and is %s", article(p.kind), before), "repair it in the overlay: target "+p.target())
		return
	}
	m.warn(p, fmt.Sprintf("is %s where %s is needed, and was converted", before, article(p.kind)))
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
