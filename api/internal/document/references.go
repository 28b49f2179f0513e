package document

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-openapi/jsonpointer"
	"gopkg.in/yaml.v3"
)

const maxReferences = 32 // the longest chain of references

// reference returns the $ref of an object, or "". Every object and every map of objects
// may have one. In free JSON, $ref has no meaning.
func reference(p *place) string {
	if p == nil || p.kind == anyKind {
		return ""
	}
	return text(p.node, "$ref")
}

// resolve returns the place that a reference names, or nil. It follows references on the
// way; hops is how many it has followed already.
func (b *builder) resolve(ref string, hops int) *place {
	fragment, local := strings.CutPrefix(ref, "#")
	if !local || hops > maxReferences {
		return nil
	}
	// A pointer in a URL is percent-encoded.
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	pointer, err := jsonpointer.New(fragment)
	if err != nil {
		return nil
	}
	p := b.top()
	for _, key := range pointer.DecodedTokens() {
		next := b.child(p, key)
		for ; next == nil; next = b.child(p, key) {
			hops++
			if p = b.resolve(reference(p), hops); p == nil {
				return nil
			}
		}
		p = next
	}
	return p
}

// component returns the reference to a place, or "" if the place is not a component of its
// kind.
func component(p *place) string {
	if p.up != nil && p.up.up != nil && p.up.up.kind == "components" && p.up.kind == "{}"+p.kind {
		return "#" + p.pointer()
	}
	return ""
}

// lead follows the reference of a place to a value that the place can use: a component of
// its kind, or else a value to copy. If there is none, why says so.
func (b *builder) lead(p *place) (to *place, why string) {
	ref := reference(p)
	for range maxReferences {
		if to = b.resolve(ref, 0); to == nil {
			return nil, "leads to nothing"
		}
		if found := to.kind; reference(to) == "" {
			if to = b.as(p.kind, to); to == nil {
				return nil, fmt.Sprintf("leads to a value of the kind %s, and %s is needed", found, p.kind)
			}
		}
		if ref = reference(to); ref == "" || to.kind == p.kind && component(to) != "" && b.target(to) != nil {
			return to, ""
		}
	}
	return nil, "leads in a circle"
}

// target returns a place or, if the place is a reference, the value at the end of the
// chain of references. It returns nil if there is none.
func (b *builder) target(p *place) *place {
	for range maxReferences {
		if reference(p) == "" {
			return p
		}
		p = b.resolve(reference(p), 0)
	}
	return nil
}

// as returns the part of a place that can be used as a value of the wanted kind, or nil.
func (b *builder) as(want kind, p *place) *place {
	switch {
	case p.kind == want:
		return p
	case p.kind == anyKind && p.node.Kind == yaml.MappingNode, want == "header" && p.kind == "parameter":
		return &place{p.up, p.key, p.node, want} // its kind was not known, or fixKeys drops what a header cannot have
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

// carry builds the media type, response or request body that a schema was meant to be the
// content of. CommBox's bodies are JSON unless the document says otherwise.
func carry(want kind, p *place) *yaml.Node {
	media := newObject("schema", p.node)
	if ref := component(p); ref != "" {
		media = newObject("schema", newObject("$ref", newString(ref)))
	}
	if want == "mediaType" {
		return media
	}
	body := newObject("description", newString(text(p.node, "description")))
	set(body, "content", newObject("application/json", media))
	return body
}

// fixReference drops the fields beside a reference, which OpenAPI 3.0 ignores.
func (b *builder) fixReference(p *place) {
	if reference(p) == "" || grammar[p.kind] == nil || p.kind == "pathItem" {
		return
	}
	for c := range b.children(p) {
		if c.key != "$ref" && !strings.HasPrefix(c.key, "x-") {
			b.defect(c, "stands beside a $ref, where it is ignored, and was dropped", "")
			drop(c)
		}
	}
}

// normalise changes every reference that resolves into one that OpenAPI allows and that
// generators understand: a reference to a component of the kind that its place needs. If
// there is no such component, a copy of the value replaces the reference. If the value
// contains itself, normalise makes a component from it. References that do not resolve are
// left to the overlay.
func (b *builder) normalise() {
	made := map[*yaml.Node]string{} // new components, by the node that they were made from
	for before := -1; before < len(made); {
		before = len(made)
		b.walk(b.top(), func(p *place) {
			to, why := b.lead(p)
			if why != "" {
				return
			}
			ref := cmp.Or(component(to), made[to.node])
			if ref == "" && b.leadsTo(to, to.node, map[*yaml.Node]bool{}) {
				if p.kind != schemaKind {
					return // only a schema may contain itself
				}
				ref = b.makeComponent(to)
				made[to.node] = ref
			}
			if ref != "" {
				set(p.node, "$ref", newString(ref))
				return
			}
			remove(p.node, "$ref")
			beside := *p.node
			*p.node = *clone(to.node)
			if len(beside.Content) > 0 {
				update(p.node, &beside)
			}
		})
	}
}

// leadsTo reports whether references below a place lead to a node, without going through
// components.
func (b *builder) leadsTo(p *place, node *yaml.Node, seen map[*yaml.Node]bool) (found bool) {
	b.walk(p, func(inner *place) {
		if to, why := b.lead(inner); why == "" && component(to) == "" && !seen[to.node] {
			seen[to.node] = true
			found = found || to.node == node || b.leadsTo(to, node, seen)
		}
	})
	return found
}

// makeComponent makes a component from a schema, and returns the reference to it.
func (b *builder) makeComponent(p *place) string {
	schemas := get(get(b.root, "components"), "schemas")
	short := strings.NewReplacer("/components/schemas/", "", "/properties/", "_").Replace(p.pointer())
	name := free(schemas, componentName(short, p.kind))
	set(schemas, name, clone(p.node))
	return "#/components/schemas/" + name
}

// fixDangling reports every reference that still leads nowhere. If the schema of a
// parameter refers to a parameter that CommBox does not publish, the schema becomes text,
// since every parameter is text on the wire.
func (b *builder) fixDangling(p *place) {
	ref := reference(p)
	name, isParameter := strings.CutPrefix(ref, "#/components/parameters/")
	switch _, why := b.lead(p); {
	case ref == "" || why == "":
		return
	case isParameter && p.kind == schemaKind && p.up.kind == "parameter":
		set(p.node, "type", newString("string"))
	case isParameter && p.kind == "parameter" && strings.Contains(p.pointer(), "{"+name+"}"):
		update(p.node, node(fmt.Sprintf("{name: %q, in: path, required: true, schema: {type: string}}", name)))
	default:
		b.fail(p, fmt.Sprintf("the reference %q %s", ref, why), "define what it names in the overlay, or replace it there")
		return
	}
	b.defect(p, "refers to a parameter that CommBox does not publish; taken for text", "")
	remove(p.node, "$ref")
}

var notAllowed = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// componentName makes a name that OpenAPI allows for a component.
func componentName(s string, k kind) string {
	if s = strings.Trim(notAllowed.ReplaceAllString(s, "_"), "_"); s == "" {
		return strings.ToUpper(k[:1]) + k[1:]
	}
	return s
}

// free returns a key that an object does not have yet.
func free(object *yaml.Node, base string) string {
	name := base
	for i := 2; get(object, name) != nil; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	return name
}

// fixName renames a component whose name OpenAPI does not allow.
func (b *builder) fixName(p *place) {
	if p.kind != anyKind && component(p) != "" && (p.key == "" || notAllowed.MatchString(p.key)) {
		name := b.rename(p, componentName(p.key, p.kind))
		b.defect(p, "the name is not allowed for a component", fmt.Sprintf("%q became %q", p.key, name))
	}
}

// rename gives a component another name, also in all references.
func (b *builder) rename(p *place, base string) (name string) {
	name = free(p.up.node, base)
	p.up.node.Content[slices.Index(p.up.node.Content, p.node)-1].Value = name
	b.walk(b.top(), func(other *place) {
		if reference(other) == component(p) {
			set(other.node, "$ref", newString("#"+p.up.pointer()+"/"+name))
		}
	})
	return name
}
