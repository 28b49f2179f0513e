package document

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A normaliser makes every reference that resolves one that OpenAPI allows and
// generators understand: to a component of the kind that its place needs.
// Any other is replaced by a copy of what it resolves to.
type normaliser struct {
	*builder
	origin  map[*yaml.Node]*yaml.Node // copy -> what it is a copy of
	hoisted map[*yaml.Node]string     // what could not be copied -> the component it became
	pending []*place                  // components that were made and not visited yet
	names   map[*yaml.Node]*namer
	before  int // problems that there were already
}

// normalise leaves what it cannot resolve to the overlay. With last set it
// also takes what the overlay could still have repaired.
func (b *builder) normalise(last bool) {
	n := &normaliser{b, map[*yaml.Node]*yaml.Node{}, map[*yaml.Node]string{}, nil, map[*yaml.Node]*namer{}, len(b.problems)}
	visit := func(p *place) { n.visit(p, last) }
	n.walk(n.top(), visit)
	for len(n.pending) > 0 {
		p := n.pending[0]
		n.pending = n.pending[1:]
		n.walk(p, visit)
	}
}

func (n *normaliser) visit(p *place, last bool) {
	ref := reference(p)
	if ref == "" || len(n.problems) > n.before {
		return
	}
	to, why := n.lead(p.kind, ref)
	if why != "" {
		return
	}
	if canonical := component(to); canonical != "" {
		get(p.node, "$ref").Value = canonical
		return
	}
	if !last && !mergeable(p) {
		return
	}
	n.inline(p, to)
}

// mergeable reports whether what stands beside a reference can go on the copy
// that replaces the reference. OpenAPI ignores what does not; the overlay may
// remove it first.
func mergeable(p *place) bool {
	for key := range entries(p.node) {
		if key.Value != "$ref" && !annotation(p.kind, key.Value) {
			return false
		}
	}
	return true
}

// annotation reports whether a key beside a reference adds to what the
// reference leads to and cannot change its meaning.
func annotation(k kind, key string) bool {
	return !isObject(k) || k == "pathItem" || key == "summary" || key == "description" || key == "title" || strings.HasPrefix(key, "x-")
}

// inline replaces a reference by a copy of what it leads to.
func (n *normaliser) inline(p, to *place) {
	source := to.node
	if _, ok := n.hoisted[source]; !ok && n.recursive(p, source) {
		n.hoist(p, to)
	}
	if ref, ok := n.hoisted[source]; ok {
		get(p.node, "$ref").Value = ref
		return
	}
	if p.depth() > maxDepth {
		n.fail(p, "references lead to references "+tooDeep, "make what they point at a component")
		return
	}
	replacement := clone(source)
	for key, value := range entries(p.node) {
		switch {
		case key.Value == "$ref":
		case !annotation(p.kind, key.Value):
			n.defect(n.child(p, key.Value), besideReference, "")
		case !isObject(p.kind) || get(replacement, key.Value) == nil:
			set(replacement, key.Value, value)
		}
	}
	*p.node = *replacement
	n.origin[p.node] = source
}

const besideReference = "stands beside a $ref, where it is ignored, and was dropped"

// recursive reports whether a place lies inside what it would be replaced by.
func (n *normaliser) recursive(p *place, source *yaml.Node) bool {
	for ; p != nil; p = p.up {
		if p.node == source || n.origin[p.node] == source {
			return true
		}
	}
	return false
}

// hoist makes a component of what contains itself.
func (n *normaliser) hoist(p, to *place) {
	section := sections[to.kind]
	if section == "" {
		n.fail(p, fmt.Sprintf("the reference leads to %s that contains it", article(to.kind)), "break the circle")
		return
	}
	components := ensure(n.root, "components")
	all := ensure(components, section)
	parts := slices.DeleteFunc(to.path(), func(key string) bool {
		return key == "components" || key == section || key == "properties"
	})
	if n.names[all] == nil {
		n.names[all] = newNamer(all)
	}
	unique := n.names[all].unique(componentName(strings.Join(parts, "_"), to.kind))
	ref := "#/components/" + section + "/" + unique
	n.hoisted[to.node] = ref
	all.Content = append(all.Content, newString(unique, to.node.Line), clone(to.node))
	n.pending = append(n.pending, n.resolve(ref))
}

func ensure(parent *yaml.Node, key string) *yaml.Node {
	if get(parent, key) == nil {
		set(parent, key, newMapping(parent.Line))
	}
	return get(parent, key)
}

// findDangling lists every reference that still leads nowhere.
func (b *builder) findDangling() {
	b.walk(b.top(), func(p *place) {
		ref, want := reference(p), p.kind
		if p.up != nil && p.up.kind == mappingKind && strings.ContainsAny(p.node.Value, "#/") {
			ref, want = p.node.Value, schemaKind
		}
		if ref == "" {
			return
		}
		if _, why := b.lead(want, ref); why != "" {
			b.fail(p, fmt.Sprintf("the reference %q %s", ref, why), "define what it names in the overlay, or replace it there: target "+p.target())
		}
	})
}
