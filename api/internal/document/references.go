package document

import (
	"fmt"
	"net/url"
	"strings"

	"gopkg.in/yaml.v3"
)

// reference returns the $ref of an object, or "". Every object and every map
// of objects may have one; free JSON has none that counts.
func reference(p *place) string {
	if p.kind == anyKind || p.kind == mappingKind {
		return ""
	}
	return text(p.node, "$ref")
}

// resolve returns the place that a reference names, or nil. It goes through
// references on its way.
func (t tree) resolve(ref string) *place {
	steps := 0
	return t.follow(ref, &steps)
}

func (t tree) follow(ref string, steps *int) *place {
	fragment, local := strings.CutPrefix(ref, "#")
	if !local {
		return nil
	}
	// A pointer in a URL is percent-encoded; careless ones are not.
	if plain, err := url.PathUnescape(fragment); err == nil {
		if p := t.point(plain, steps); p != nil {
			return p
		}
	}
	return t.point(fragment, steps)
}

func (t tree) point(pointer string, steps *int) *place {
	p := t.top()
	if pointer == "" {
		return p
	}
	if pointer[0] != '/' {
		return nil
	}
	for _, key := range strings.Split(pointer[1:], "/") {
		key = strings.ReplaceAll(strings.ReplaceAll(key, "~1", "/"), "~0", "~")
		for t.child(p, key) == nil && reference(p) != "" {
			if *steps++; *steps > maxReferences {
				return nil
			}
			if p = t.follow(reference(p), steps); p == nil {
				return nil
			}
		}
		if p = t.child(p, key); p == nil {
			return nil
		}
	}
	return p
}

// component returns the canonical reference to a place that is a component of
// its kind, or "".
func component(p *place) string {
	section := p.up
	if section == nil || section.up == nil || section.up.key != "components" || section.key != sections[p.kind] || p.depth() != 3 {
		return ""
	}
	return "#" + p.pointer()
}

// lead follows a reference to what the place that has it can use: the
// reference to a component of the right kind, or else a value to copy. If it
// leads to nothing of use, why is set.
func (t tree) lead(want kind, ref string) (to *place, why string) {
	for range maxReferences {
		if !strings.HasPrefix(ref, "#") {
			return nil, "leads out of the document"
		}
		found := t.resolve(ref)
		if found == nil {
			return nil, "leads to nothing"
		}
		if next := reference(found); next != "" && (found.kind != want || component(found) == "") {
			ref = next
			continue
		}
		usable := t.as(want, found)
		if usable == nil {
			return nil, fmt.Sprintf("leads to %s, but %s is needed", article(found.kind), article(want))
		}
		if next := reference(usable); next != "" && component(usable) == "" {
			ref = next
			continue
		}
		if component(usable) != "" && t.circular(usable) {
			break
		}
		return usable, ""
	}
	return nil, fmt.Sprintf("leads in a circle, or through more than %d references", maxReferences)
}

// circular reports whether a component is a reference that comes back to it.
func (t tree) circular(p *place) bool {
	start := p.node
	for range maxReferences {
		next := reference(p)
		if next == "" {
			return false
		}
		if p = t.resolve(next); p == nil {
			return false // reported where it dangles
		}
		if p.node == start {
			return true
		}
	}
	return true
}

// as returns what of a place serves where another kind is wanted, or nil.
func (t tree) as(want kind, p *place) *place {
	switch {
	case p.kind == want:
		return p
	case p.kind == anyKind && p.node.Kind == yaml.MappingNode:
		return &place{up: p.up, key: p.key, node: p.node, kind: want} // nobody said what it is
	case want == schemaKind:
		for _, key := range []string{"schema", "content", "application/json"} {
			if inner := t.child(p, key); inner != nil && p.kind != schemaKind {
				return t.as(want, inner)
			}
		}
		if p.kind == "{}mediaType" && len(p.node.Content) == 2 {
			return t.as(want, t.child(p, p.node.Content[0].Value))
		}
	case want == "header" && p.kind == "parameter":
		header := clone(p.node)
		remove(header, "name")
		remove(header, "in")
		return &place{up: p.up, key: p.key, node: header, kind: want}
	case p.kind == schemaKind && (want == "mediaType" || want == "response" || want == "requestBody"):
		return &place{up: p.up, key: p.key, node: carry(want, p), kind: want}
	}
	return nil
}

// carry builds what a schema was meant to be the content of. CommBox's bodies
// are JSON unless they say otherwise.
func carry(want kind, p *place) *yaml.Node {
	schema := clone(p.node)
	if ref := component(p); ref != "" {
		schema = newMapping(p.node.Line)
		set(schema, "$ref", newString(ref, p.node.Line))
	}
	media := newMapping(p.node.Line)
	set(media, "schema", schema)
	if want == "mediaType" {
		return media
	}
	content := newMapping(p.node.Line)
	set(content, "application/json", media)
	body := newMapping(p.node.Line)
	set(body, "description", newString(text(p.node, "description"), p.node.Line))
	set(body, "content", content)
	return body
}

// name is what people call a kind.
func name(k kind) string {
	switch {
	case strings.HasPrefix(k, "{}"):
		return "map of " + name(k[2:]) + "s"
	case strings.HasPrefix(k, "[]"):
		return "list of " + name(k[2:]) + "s"
	case k == anyKind:
		return "plain value"
	}
	var b strings.Builder
	for _, c := range k {
		if 'A' <= c && c <= 'Z' {
			b.WriteByte(' ')
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}

func article(k kind) string {
	n := name(k)
	if strings.ContainsRune("aeiou", rune(n[0])) {
		return "an " + n
	}
	return "a " + n
}
