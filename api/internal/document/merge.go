package document

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// merge unites the documents of all sources: their paths, operations and components. If
// two sources contradict each other, the one with the lower rank wins. If they have the
// same rank, that is a problem.
func (b *builder) merge() {
	b.root = clone(b.sources[0])
	for _, source := range b.sources[1:] {
		b.unite(b.top(), &place{node: source, kind: "document"})
	}
	update(b.root, node("components: {schemas: {}}"))
}

// unite adds to a place what another source has for it.
func (b *builder) unite(have, more *place) {
	united := slices.Contains([]kind{"document", "paths", "pathItem", "components"}, have.kind) || have.up.kind == "components"
	if !united || have.node.Kind != yaml.MappingNode || more.node.Kind != yaml.MappingNode {
		b.differences(have, more, func(at *place, here, there *yaml.Node) { b.conflict(at, here, there, more.node.HeadComment) })
		return
	}
	for m := range b.children(more) {
		switch h := b.child(have, m.key); {
		case h == nil || isDefault(h.node):
			set(have.node, m.key, m.node)
		case m.key != "openapi" && !isDefault(m.node) && !b.meaningless(have.kind, m.key):
			b.unite(h, m)
		}
	}
}

// conflict reports that another source contradicts a place. here and there are the two
// values; nil means that there is none.
func (b *builder) conflict(at *place, here, there *yaml.Node, other string) {
	p := problem(at, "two sources mean different things", "", "")
	p.Detail = fmt.Sprintf("%s in %s, %s in %s", brief(here), p.File, brief(there), other)
	if b.rank(p.File) < b.rank(other) {
		p.What += ", and the first was believed"
		p.Fix = "nothing to do if it is the newer one"
		b.defects = append(b.defects, p)
		return
	}
	p.Fix = fmt.Sprintf("get both again, and if they still differ, name the one that is right in the overlay: x-prefer: [%s]. "+
		"It is believed wherever the two differ, and everything else of both stays", other)
	b.problems = append(b.problems, p)
}

// differences reports every place where two values have different meanings, and both
// values there; nil means that there is none. It ignores texts, examples and extensions,
// and the order of keys, parameters, required names and enumeration values.
func (b *builder) differences(x, y *place, report func(at *place, x, y *yaml.Node)) {
	if x.node.Kind != y.node.Kind || x.node.Kind == yaml.ScalarNode {
		if !same(x.node, y.node) {
			report(x, x.node, y.node)
		}
		return
	}
	left, right := b.members(x), b.members(y)
	for id, l := range left {
		if r := right[id]; r != nil {
			b.differences(l, r, report)
		} else if !isDefault(l.node) {
			report(l, l.node, nil)
		}
	}
	for id, r := range right {
		if left[id] == nil && !isDefault(r.node) {
			report(&place{x, r.key, x.node, r.kind}, nil, r.node)
		}
	}
}

// members returns the children of a value that have a meaning. Their map key is their key
// or, in a list without a meaningful order, what identifies them.
func (b *builder) members(p *place) map[string]*place {
	all := map[string]*place{}
	for c := range b.children(p) {
		switch {
		case p.kind == "[]parameter":
			all[text(c.node, "$ref")+" "+text(c.node, "in")+" "+text(c.node, "name")] = c
		case p.kind == "[]server":
			all[strings.TrimSuffix(text(c.node, "url"), "/")] = c
		case slices.Contains([]kind{"[]string", "[]any", "[]security"}, p.kind):
			all[string(encode(c.node, 0))] = c
		case field(p.kind, c.key) != "" && !b.meaningless(p.kind, c.key):
			all[c.key] = c
		}
	}
	return all
}

var forPeople = []string{"description", "summary", "title", "example", "examples", "externalDocs", "tags", "xml", "info"}

// meaningless reports whether a field of an object is only for people. Of a server, only
// the URL counts.
func (b *builder) meaningless(k kind, field string) bool {
	return k == "server" || grammar[k] != nil && (strings.HasPrefix(field, "x-") || slices.Contains(forPeople, field))
}

// isDefault reports whether a value means the same as no value.
func isDefault(n *yaml.Node) bool {
	return n == nil || isNull(n) || n.Tag == "!!bool" && n.Value == "false" || n.Kind != yaml.ScalarNode && len(n.Content) == 0
}

func isNull(n *yaml.Node) bool { return n.Tag == "!!null" }
