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
// the API as a whole comes from the source with the newest info.version, and
// what it leaves out from the others.
type merger struct {
	positions *positions
	known     map[string]*yaml.Node // what the whole has so far, by key
	problems  Problems
}

func merge(sources []*yaml.Node, positions *positions) (*yaml.Node, Problems) {
	m := &merger{positions: positions, known: map[string]*yaml.Node{}}
	root := newMapping(sources[0].Line)
	for _, source := range sources {
		m.document(root, source)
	}
	return root, m.problems
}

func (m *merger) document(root, source *yaml.Node) {
	for key, value := range entries(source) {
		if value.Tag == "!!null" {
			continue
		}
		if have := m.known[key.Value]; have != nil {
			m.section(root, have, value, key.Value)
			continue
		}
		m.known[key.Value] = value
		root.Content = append(root.Content, key, value)
	}
}

// section unites what two sources have under one key.
func (m *merger) section(root, have, more *yaml.Node, key string) {
	switch at := "/" + escaper.Replace(key); key {
	case "openapi":
		if minor(have.Value) != minor(more.Value) {
			m.conflict(have, more, at)
		}
	case "info":
		if newer(more, have) {
			have, more = more, have
			m.known[key] = have
			set(root, key, have)
		}
		complete(have, more)
	case "paths", "webhooks":
		m.each(have, more, at, m.pathItem)
	case "components":
		m.each(have, more, at, func(_, a, b *yaml.Node, at string) { m.each(a, b, at, m.same) })
	case "security":
		m.same(nil, have, more, at)
	case "servers":
		m.servers(have, more, at)
	case "tags":
		unite(have, more, "name")
	}
}

// each unites two maps, name by name.
func (m *merger) each(have, more *yaml.Node, at string, unite func(parent, have, more *yaml.Node, at string)) {
	for _, n := range []*yaml.Node{have, more} {
		if n.Kind != yaml.MappingNode {
			m.problems = append(m.problems, Problem{at: n.Line, Pointer: at, What: "has to be an object", Fix: "get the page again"})
			return
		}
	}
	known := map[string]*yaml.Node{}
	for key, value := range entries(have) {
		known[key.Value] = value
	}
	for key, value := range entries(more) {
		if value.Tag == "!!null" {
			continue
		}
		if old := known[key.Value]; old != nil && old.Tag != "!!null" {
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
	known := identities(have, "url")
	if !slices.ContainsFunc(more.Content, func(n *yaml.Node) bool { return known[identity(n, "url")] != nil }) {
		m.conflict(have, more, at)
		return
	}
	unite(have, more, "url")
}

// unite adds to a list of objects those whose key is not in it yet, and to
// the others what they leave out.
func unite(have, more *yaml.Node, key string) {
	known := identities(have, key)
	for _, item := range more.Content {
		id := identity(item, key)
		if old := known[id]; old != nil {
			complete(old, item)
			continue
		}
		known[id] = item
		have.Content = append(have.Content, item)
	}
}

// complete adds to an object the fields that it does not have.
func complete(have, more *yaml.Node) {
	for field, value := range entries(more) {
		if have.Kind == yaml.MappingNode && get(have, field.Value) == nil {
			set(have, field.Value, value)
		}
	}
}

func identities(list *yaml.Node, key string) map[string]*yaml.Node {
	known := map[string]*yaml.Node{}
	for _, item := range list.Content {
		known[identity(item, key)] = item
	}
	return known
}

// identity is the value of a key; the slash at the end of a URL does not count.
func identity(n *yaml.Node, key string) string { return strings.TrimSuffix(text(n, key), "/") }

func (m *merger) conflict(have, more *yaml.Node, at string) {
	where, there, here := difference(have, more)
	name, line := m.positions.find(have.Line)
	if where != "" {
		where = " in " + where
	}
	m.problems = append(m.problems, Problem{
		at: more.Line, Pointer: at,
		What: fmt.Sprintf("differs from %s:%d%s: %s here, %s there", name, line, where, here, there),
		Fix:  "keep the newer of the two files, or get both again",
	})
}

// newer reports whether a has a higher info.version than b. Versions compare
// by their numbers.
func newer(a, b *yaml.Node) bool {
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
