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

// component returns the reference to a place that is a component of its kind,
// or "".
func component(p *place) string {
	if p.up != nil && p.up.up != nil && p.up.up.kind == "components" && p.up.kind == "{}"+p.kind {
		return "#" + p.pointer()
	}
	return ""
}

// lead follows the reference of a place to what the place can use: a component
// of its kind, or else a value to copy. If there is none, why is set.
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

// fixReference drops what stands beside a reference, where OpenAPI 3.0 ignores
// it.
func (b *builder) fixReference(p *place) {
	if reference(p) == "" || !b.grammar.isObject(p.kind) || p.kind == "pathItem" || b.grammar.is31() {
		return
	}
	for c := range b.children(p) {
		if c.key != "$ref" && !strings.HasPrefix(c.key, "x-") {
			b.defect(c, "stands beside a $ref, where it is ignored, and was dropped", "")
			drop(c)
		}
	}
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
			to, why := b.lead(p)
			if why != "" {
				return
			}
			ref := cmp.Or(component(to), made[to.node])
			if ref == "" && b.leadsTo(to, to.node, map[*yaml.Node]bool{}) {
				if p.kind != schemaKind {
					return // nothing else can contain itself and have a meaning
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

// leadsTo reports whether references below a place lead to a node, other than
// through components.
func (b *builder) leadsTo(p *place, node *yaml.Node, seen map[*yaml.Node]bool) (found bool) {
	b.walk(p, func(inner *place) {
		if to, why := b.lead(inner); why == "" && component(to) == "" && !seen[to.node] {
			seen[to.node] = true
			found = found || to.node == node || b.leadsTo(to, node, seen)
		}
	})
	return found
}

// makeComponent makes a component of a schema, and returns the reference to it.
func (b *builder) makeComponent(p *place) string {
	schemas := get(get(b.root, "components"), "schemas")
	short := strings.NewReplacer("/components/schemas/", "", "/properties/", "_").Replace(p.pointer())
	name := free(schemas, componentName(short, p.kind))
	set(schemas, name, clone(p.node))
	return "#/components/schemas/" + name
}

// fixDangling lists every reference that still leads nowhere. A parameter whose
// schema refers to a parameter that CommBox does not publish is text: on the
// wire it is text either way.
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

// componentName makes a name that the standard allows for a component.
func componentName(s string, k kind) string {
	if s = strings.Trim(notAllowed.ReplaceAllString(s, "_"), "_"); s == "" {
		return strings.ToUpper(k[:1]) + k[1:]
	}
	return s
}

// free returns a name that an object does not have yet.
func free(object *yaml.Node, base string) string {
	name := base
	for i := 2; get(object, name) != nil; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	return name
}

// fixName gives a component with a name that the standard does not allow a new
// one.
func (b *builder) fixName(p *place) {
	if p.kind != anyKind && component(p) != "" && (p.key == "" || notAllowed.MatchString(p.key)) {
		name := b.rename(p, componentName(p.key, p.kind))
		b.defect(p, "the name is not allowed for a component", fmt.Sprintf("%q became %q", p.key, name))
	}
}

// rename gives a component another name, which all references follow.
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
