package document

import (
	"fmt"
	"net/url"
	"strings"

	"gopkg.in/yaml.v3"
)

const maxReferences = 32 // references that lead to one another

// reference returns the $ref of an object, or "". Every object and every map
// of objects may have one; free JSON has none that counts.
func reference(p *place) string {
	if p == nil || p.kind == anyKind {
		return ""
	}
	return text(p.node, "$ref")
}

// resolve returns the place that a reference names, or nil. It goes through
// references on its way, of which there were some already.
func (b *builder) resolve(ref string, hops int) *place {
	fragment, local := strings.CutPrefix(ref, "#")
	if !local || hops > maxReferences {
		return nil
	}
	// A pointer in a URL is percent-encoded.
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	p := b.top()
	keys := strings.Split(fragment, "/")
	if keys[0] != "" {
		return nil
	}
	for _, key := range keys[1:] {
		key = unescaper.Replace(key)
		next := b.child(p, key)
		for next == nil {
			hops++
			if p = b.resolve(reference(p), hops); p == nil {
				return nil
			}
			next = b.child(p, key)
		}
		p = next
	}
	return p
}

// component returns the reference to a place that is a component of its kind,
// or "".
func component(p *place) string {
	if p.depth() == 3 && p.up.up.key == "components" && p.up.kind == "{}"+p.kind {
		return "#" + p.pointer()
	}
	return ""
}

// lead follows a reference to what the place that has it can use: a component
// of the right kind, or else a value to copy. If there is none, why is set.
func (b *builder) lead(want kind, ref string) (to *place, why string) {
	for range maxReferences {
		if to = b.resolve(ref, 0); to == nil {
			return nil, "leads to nothing"
		}
		if found := to.kind; reference(to) == "" {
			if to = b.as(want, to); to == nil {
				return nil, fmt.Sprintf("leads to a value of the kind %s, and %s is needed", found, want)
			}
		}
		if ref = reference(to); ref == "" || to.kind == want && component(to) != "" && b.target(to) != nil {
			return to, ""
		}
	}
	return nil, "leads in a circle"
}

// target returns a place, or what its references lead to in the end, or nil.
func (b *builder) target(p *place) *place {
	for range maxReferences {
		if reference(p) == "" {
			return p
		}
		p = b.resolve(reference(p), 0)
	}
	return nil
}

// as returns what of a place serves where another kind is wanted, or nil.
func (b *builder) as(want kind, p *place) *place {
	switch {
	case p.kind == want:
		return p
	case p.kind == anyKind && p.node.Kind == yaml.MappingNode, want == "header" && p.kind == "parameter":
		return &place{p.up, p.key, p.node, want} // nobody said what it is, or what is too much is dropped
	case want == schemaKind && b.child(p, "schema") != nil:
		return b.child(p, "schema")
	case want == schemaKind && b.child(p, "content") != nil:
		for media := range b.children(b.child(p, "content")) {
			return b.child(media, "schema")
		}
	case p.kind == schemaKind && (want == "mediaType" || want == "response" || want == "requestBody"):
		return &place{p.up, p.key, carry(want, p), want}
	}
	return nil
}

// carry builds what a schema was meant to be the content of. CommBox's bodies
// are JSON unless they say otherwise.
func carry(want kind, p *place) *yaml.Node {
	schema := p.node
	if ref := component(p); ref != "" {
		schema = newObject("$ref", newString(ref))
	}
	media := newObject("schema", schema)
	if want == "mediaType" {
		return media
	}
	body := newObject("description", newString(text(p.node, "description")))
	set(body, "content", newObject("application/json", media))
	return body
}

// fixReferences drops what stands beside a reference, where OpenAPI 3.0 ignores
// it.
func (b *builder) fixReferences() {
	b.walk(b.top(), func(p *place) {
		if reference(p) == "" || !b.grammar.isObject(p.kind) || p.kind == "pathItem" || b.grammar.is31() {
			return
		}
		for c := range b.children(p) {
			if c.key != "$ref" && !strings.HasPrefix(c.key, "x-") {
				b.defect(c, "stands beside a $ref, where it is ignored, and was dropped", "")
				drop(c)
			}
		}
	})
}

// normalise makes every reference that resolves one that OpenAPI allows and
// generators understand: to a component of the kind that its place needs.
// Any other is replaced by a copy of what it leads to, or if that contains
// itself, by a reference to a component that is made of it. What does not
// resolve is left to the overlay.
func (b *builder) normalise() {
	made := map[*yaml.Node]string{} // components, by what they are made of
	for before := -1; before < len(made); {
		before = len(made)
		b.walk(b.top(), func(p *place) {
			if reference(p) == "" {
				return
			}
			to, why := b.lead(p.kind, reference(p))
			if why != "" {
				return
			}
			ref := component(to)
			if ref == "" && (made[to.node] != "" || b.leadsTo(to, to.node, map[*yaml.Node]bool{})) {
				ref = b.makeComponent(to, made)
			}
			if ref != "" {
				set(p.node, "$ref", newString(ref))
				return
			}
			remove(p.node, "$ref")
			beside := *p.node
			*p.node = *clone(to.node)
			for key, value := range entries(&beside) {
				set(p.node, key.Value, value)
			}
		})
	}
}

// leadsTo reports whether references below a place lead to a node, other than
// through components.
func (b *builder) leadsTo(p *place, node *yaml.Node, seen map[*yaml.Node]bool) (found bool) {
	b.walk(p, func(inner *place) {
		if to, why := b.lead(inner.kind, reference(inner)); why == "" && component(to) == "" && !seen[to.node] {
			seen[to.node] = true
			found = found || to.node == node || b.leadsTo(to, node, seen)
		}
	})
	return found
}

// makeComponent makes a component of a value, or returns the one that it has
// made, or "" if there are no components of its kind.
func (b *builder) makeComponent(p *place, made map[*yaml.Node]string) string {
	for section, holds := range b.grammar["components"] {
		if made[p.node] != "" || holds != "{}"+p.kind {
			continue
		}
		var parts []string
		for at := p; at.up != nil; at = at.up {
			if at.key != "components" && at.key != section && at.key != "properties" {
				parts = append([]string{at.key}, parts...)
			}
		}
		all := ensure(get(b.root, "components"), section, newObject("", nil))
		name := free(all, componentName(strings.Join(parts, "_"), p.kind))
		set(all, name, clone(p.node))
		made[p.node] = "#/components/" + section + "/" + name
	}
	return made[p.node]
}

// findDangling lists every reference that still leads nowhere.
func (b *builder) findDangling() {
	b.walk(b.top(), func(p *place) {
		if ref := reference(p); ref != "" {
			if _, why := b.lead(p.kind, ref); why != "" {
				b.fail(p, fmt.Sprintf("the reference %q %s", ref, why), "define what it names in the overlay, or replace it there")
			}
		}
	})
}
