package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// merge unites the documents of all sources. Paths and components are united;
// where the same name means different things, the source with the lower rank
// is believed, and two of one rank are a problem. What describes the API as a
// whole comes from the source with the newest info.version, and what it leaves
// out from the others.
func (b *builder) merge() {
	b.root = newMapping(b.sources[0].root.Line)
	b.version.is31 = minor(text(b.sources[0].root, "openapi")) == "3.1"
	for i, s := range b.sources {
		m := &merger{b, b.sources[:i], s}
		for key, value := range entries(s.root) {
			if have := get(b.root, key.Value); have == nil || have.Tag == "!!null" {
				set(b.root, key.Value, value)
			} else if value.Tag != "!!null" {
				m.section(have, value, key.Value)
			}
		}
	}
	ensure(ensure(b.root, "components"), "schemas")
}

// A merger adds one source to those that were added before.
type merger struct {
	*builder
	before []source
	source source
}

// section unites what two sources have under one key of the document.
func (m *merger) section(have, more *yaml.Node, key string) {
	switch at := "/" + escaper.Replace(key); key {
	case "openapi":
		if minor(have.Value) != minor(more.Value) {
			m.problems = append(m.problems, Problem{at: more.Line, Pointer: at, other: have.Line,
				What: fmt.Sprintf("documents of OpenAPI %s and %s cannot be mixed", more.Value, have.Value), Fix: "get both again"})
		}
	case "info":
		if newer(more, have) {
			set(m.root, key, more)
			have, more = more, have
		}
		complete(have, more)
	case "paths", "webhooks":
		m.each(have, more, at, m.pathItem)
	case "components":
		m.each(have, more, at, func(a, b *yaml.Node, at string) { m.each(a, b, at, m.same) })
	case "security":
		m.same(have, more, at)
	case "servers":
		m.servers(have, more, at)
	case "tags":
		unite(have, more, "name")
	}
}

// each unites two maps, name by name.
func (m *merger) each(have, more *yaml.Node, at string, unite func(have, more *yaml.Node, at string)) {
	for _, n := range []*yaml.Node{have, more} {
		if n.Kind != yaml.MappingNode {
			m.problems = append(m.problems, Problem{at: n.Line, Pointer: at, What: "has to be an object", Fix: "get the page again"})
			return
		}
	}
	for key, value := range entries(more) {
		switch old := get(have, key.Value); {
		case value.Tag == "!!null":
		case old != nil && old.Tag != "!!null":
			unite(old, value, at+"/"+escaper.Replace(key.Value))
		default:
			set(have, key.Value, value)
		}
	}
}

// same reports every difference in meaning between what two sources say about
// one thing; what came first stays.
func (m *merger) same(have, more *yaml.Node, at string) {
	k := m.version.kindAt(at)
	for _, d := range m.version.differences(k, have, more) {
		m.conflict(at+d.pointer, d, have.Line, more.Line)
	}
}

// pathItem unites what two sources say about one path. Its parameters count
// for every operation; if the two do not agree on them, each operation gets
// those of its own source.
func (m *merger) pathItem(have, more *yaml.Node, at string) {
	if len(m.version.differences("[]parameter", get(have, "parameters"), get(more, "parameters"))) > 0 {
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
		m.conflict(at, difference{"", have, more}, have.Line, more.Line)
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

// conflict tells of a difference in meaning, in the words of both files.
func (m *merger) conflict(at string, d difference, here, there int) {
	if d.here != nil {
		here = d.here.Line
	}
	if d.more != nil {
		there = d.more.Line
	}
	first, _ := m.positions.find(here)
	second, line := m.positions.find(there)
	p := Problem{at: here, Pointer: at, Detail: fmt.Sprintf("%s in %s, %s in %s", brief(d.here), first, brief(d.more), second)}
	for _, s := range m.before {
		if s.name == first && s.rank < m.source.rank {
			p.What, p.Fix = "two sources mean different things, and the first was believed", "nothing to do if it is the newer one"
			m.defects = append(m.defects, p)
			return
		}
	}
	p.What = "two sources mean different things"
	p.Fix = fmt.Sprintf("see %s:%d; get both again, and if they still differ, name the one that is right in %s: x-prefer: [%s]. "+
		"It is believed wherever the two differ, and everything else of both stays", second, line, m.overlay.name, second)
	m.problems = append(m.problems, p)
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
