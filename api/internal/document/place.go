package document

import (
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A tree is one OpenAPI document.
type tree struct {
	root    *yaml.Node
	version version
}

func (t tree) top() *place { return &place{node: t.root, kind: "document"} }

// A place is a value in a document, what kind it is, and the way to it.
type place struct {
	up   *place
	key  string
	node *yaml.Node
	kind kind
}

// child returns the value under a key or index, or nil.
func (t tree) child(p *place, key string) *place {
	switch p.node.Kind {
	case yaml.MappingNode:
		if v := get(p.node, key); v != nil {
			k, known := t.version.field(p.kind, key)
			if !known {
				k = anyKind
			}
			return &place{up: p, key: key, node: v, kind: choose(k, v)}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(p.node.Content) {
			v := p.node.Content[i]
			return &place{up: p, key: key, node: v, kind: choose(element(p.kind), v)}
		}
	}
	return nil
}

// walk visits a place and everything below it that the grammar knows, parents
// first. A visit may change the content of its place.
func (t tree) walk(p *place, visit func(*place)) {
	visit(p)
	if p.kind == anyKind {
		return
	}
	for key, value := range entries(p.node) {
		if k, ok := t.version.field(p.kind, key.Value); ok && k != anyKind {
			t.walk(&place{up: p, key: key.Value, node: value, kind: choose(k, value)}, visit)
		}
	}
	if p.node.Kind == yaml.SequenceNode {
		for i, value := range p.node.Content {
			t.walk(&place{up: p, key: strconv.Itoa(i), node: value, kind: choose(element(p.kind), value)}, visit)
		}
	}
}

// element is what a list of a kind holds.
func element(list kind) kind {
	if e, ok := strings.CutPrefix(list, "[]"); ok {
		return e
	}
	return anyKind
}

// choose settles a kind that has alternatives by the value: objects and lists
// come first in the grammar, plain values second.
func choose(k kind, v *yaml.Node) kind {
	first, second, found := strings.Cut(k, "|")
	if found && (v.Kind == yaml.ScalarNode) == (second == "boolean") {
		return second
	}
	return first
}

func (p *place) depth() int {
	n := 0
	for ; p.up != nil; p = p.up {
		n++
	}
	return n
}

func (p *place) path() []string {
	keys := make([]string, p.depth())
	for i := len(keys) - 1; i >= 0; i, p = i-1, p.up {
		keys[i] = p.key
	}
	return keys
}

var unescaper = strings.NewReplacer("~1", "/", "~0", "~")

var escaper = strings.NewReplacer("~", "~0", "/", "~1")

// pointer is the JSON pointer (RFC 6901) of a place.
func (p *place) pointer() string {
	var b strings.Builder
	for _, key := range p.path() {
		b.WriteByte('/')
		b.WriteString(escaper.Replace(key))
	}
	return b.String()
}

var memberName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// target is the JSONPath (RFC 9535) of a place, as an overlay names it.
func (p *place) target() string {
	switch {
	case p.up == nil:
		return "$"
	case p.up.node.Kind == yaml.SequenceNode:
		return p.up.target() + "[" + p.key + "]"
	case memberName.MatchString(p.key):
		return p.up.target() + "." + p.key
	default:
		return p.up.target() + "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(p.key) + "']"
	}
}

// problem reports what is wrong at a place and how to mend it.
func (p *place) problem(what, fix string) Problem {
	return Problem{at: p.node.Line, Pointer: p.pointer(), What: what, Fix: fix}
}

// note tells of what nobody has to act on.
func (p *place) note(what, detail string) Problem {
	return Problem{at: p.node.Line, Pointer: p.pointer(), What: what, Detail: detail, Note: true}
}
