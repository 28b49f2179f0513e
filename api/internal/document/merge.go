package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A merger unites the documents of several sources. Paths and components are
// united; the same name with different content is a problem. What describes
// the API as a whole comes from the source with the newest info.version, then
// from the first.
type merger struct {
	positions *positions
	problems  Problems
}

func merge(sources []*yaml.Node, positions *positions) (*yaml.Node, Problems) {
	m := &merger{positions: positions}
	root := newMapping(sources[0].Line)
	for _, source := range sources {
		m.document(root, source)
	}
	return root, m.problems
}

func (m *merger) document(root, source *yaml.Node) {
	for key, value := range entries(source) {
		have := get(root, key.Value)
		switch at := "/" + escaper.Replace(key.Value); {
		case value.Tag == "!!null":
		case key.Value == "info":
			if newer(value, have) {
				set(root, key.Value, value)
			}
		case key.Value == "paths" || key.Value == "webhooks":
			m.each(ensure(root, key.Value), value, at, m.pathItem)
		case key.Value == "components":
			components := ensure(root, key.Value)
			for section, values := range entries(value) {
				if values.Tag != "!!null" {
					m.each(ensure(components, section.Value), values, at+"/"+section.Value, m.same)
				}
			}
		case have == nil:
			set(root, key.Value, clone(value))
		case key.Value == "openapi":
			if minor(have.Value) != minor(value.Value) {
				m.conflict(have, value, at)
			}
		case key.Value == "security":
			m.same(nil, have, value, at)
		case key.Value == "servers":
			m.servers(have, value, at)
		case key.Value == "tags":
			unite(have, value, "name")
		}
	}
}

// each unites two maps, name by name.
func (m *merger) each(have, more *yaml.Node, at string, unite func(parent, have, more *yaml.Node, at string)) {
	if more.Kind != yaml.MappingNode {
		m.problems = append(m.problems, Problem{at: more.Line, Pointer: at, What: "has to be an object", Fix: "get the page again"})
		return
	}
	known := map[string]*yaml.Node{}
	for key, value := range entries(have) {
		known[key.Value] = value
	}
	for key, value := range entries(more) {
		if old := known[key.Value]; old != nil {
			unite(have, old, value, at+"/"+escaper.Replace(key.Value))
			continue
		}
		have.Content = append(have.Content, key, value)
	}
}

func (m *merger) same(_, have, more *yaml.Node, at string) {
	if !equal(have, more, "") {
		m.conflict(have, more, at)
	}
}

// pathItem unites what two sources say about one path. Its parameters count
// for every operation; if the two do not agree on them, each operation gets
// those of its own source.
func (m *merger) pathItem(_, have, more *yaml.Node, at string) {
	a, b := get(have, "parameters"), get(more, "parameters")
	if (a != nil || b != nil) && (a == nil || b == nil || !equal(a, b, "parameters")) {
		pushDown(have)
		pushDown(more)
	}
	m.each(have, more, at, m.same)
}

func pushDown(item *yaml.Node) {
	shared := get(item, "parameters")
	if shared == nil || shared.Kind != yaml.SequenceNode {
		return
	}
	remove(item, "parameters")
	for method, operation := range entries(item) {
		if grammar["pathItem"][method.Value] != "operation" || operation.Kind != yaml.MappingNode {
			continue
		}
		if get(operation, "parameters") == nil {
			set(operation, "parameters", &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: shared.Line})
		}
		own := get(operation, "parameters")
		if own.Kind != yaml.SequenceNode {
			continue
		}
		for _, p := range shared.Content {
			if !slices.ContainsFunc(own.Content, func(o *yaml.Node) bool { return sameParameter(o, p) }) {
				own.Content = append(own.Content, clone(p))
			}
		}
	}
}

func sameParameter(a, b *yaml.Node) bool {
	if ref := text(a, "$ref"); ref != "" || text(b, "$ref") != "" {
		return ref == text(b, "$ref")
	}
	return text(a, "name") == text(b, "name") && text(a, "in") == text(b, "in")
}

// servers unites two lists of servers, unless they have none in common: then
// an operation would be sent to where it does not exist.
func (m *merger) servers(have, more *yaml.Node, at string) {
	before, added := len(have.Content), len(more.Content)
	unite(have, more, "url")
	if added > 0 && len(have.Content) == before+added {
		m.conflict(have, more, at)
	}
}

// unite adds to a list of objects those whose key is not in it yet.
func unite(have, more *yaml.Node, key string) {
	id := func(n *yaml.Node) string { return strings.TrimSuffix(text(n, key), "/") }
	for _, item := range more.Content {
		if !slices.ContainsFunc(have.Content, func(o *yaml.Node) bool { return id(o) == id(item) }) {
			have.Content = append(have.Content, item)
		}
	}
}

func (m *merger) conflict(have, more *yaml.Node, at string) {
	where, a, b := difference(have, more)
	name, line := m.positions.find(have.Line)
	m.problems = append(m.problems, Problem{
		at: more.Line, Pointer: at,
		What: fmt.Sprintf("differs from what %s:%d has there: at %q this is %s and that is %s", name, line, where, b, a),
		Fix:  "keep the newer of the two files, or get both again",
	})
}

// newer reports whether a has a higher info.version than b. Versions compare
// by their numbers.
func newer(a, b *yaml.Node) bool {
	if b == nil {
		return true
	}
	return slices.Compare(numbers(get(a, "version")), numbers(get(b, "version"))) > 0
}

func numbers(version *yaml.Node) []int {
	if version == nil {
		return nil
	}
	var out []int
	for _, part := range strings.FieldsFunc(version.Value, func(c rune) bool { return c < '0' || c > '9' }) {
		n, _ := strconv.Atoi(part)
		out = append(out, n)
	}
	return out
}

// minor is the part of an OpenAPI version that decides what a document means.
func minor(version string) string {
	major, rest, _ := strings.Cut(version, ".")
	second, _, _ := strings.Cut(rest, ".")
	return major + "." + second
}
