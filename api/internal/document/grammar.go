package document

import (
	"cmp"
	_ "embed"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-openapi/jsonpointer"
	"gopkg.in/yaml.v3"
)

// A kind says what a value of a document is. grammar.yaml has the kinds.
type kind = string

const (
	anyKind    kind = "any"
	schemaKind kind = "schema"
)

//go:embed grammar.yaml
var grammarFile []byte

// A grammar is the grammar of one version of OpenAPI: the kinds of objects, their fields,
// and the kinds of the fields.
type grammar map[kind]map[string]kind

func grammarOf(version string) grammar {
	var versions map[string]grammar
	_ = yaml.Unmarshal(grammarFile, &versions) // it is part of the program
	g := versions["3.0"]
	if version == "3.1" {
		for object, fields := range versions["3.1"] {
			maps.Copy(g[object], fields)
		}
	}
	return g
}

func (g grammar) is31() bool { return g["document"]["webhooks"] != "" }

// field returns the kind of the value that an object or list of a kind has under a key, or
// "" if it has no such key.
func (g grammar) field(in kind, key string) kind {
	switch {
	case strings.HasPrefix(in, "{}"), strings.HasPrefix(in, "[]"):
		return in[2:]
	case in == anyKind || strings.HasPrefix(key, "x-"):
		return anyKind
	case key == "$ref":
		return "string"
	}
	return cmp.Or(g[in][key], g[in]["*"])
}

// isObject reports whether a kind has fields of its own.
func (g grammar) isObject(k kind) bool { return g[k] != nil }

// A place is a value in a document, its kind, and the path to it.
type place struct {
	up   *place
	key  string
	node *yaml.Node
	kind kind
}

func (b *builder) top() *place { return &place{node: b.root, kind: "document"} }

// children yields the values in an object or a list. The object may change during the
// loop: children yields the values that it had at the beginning.
func (b *builder) children(p *place) iter.Seq[*place] {
	return func(yield func(*place) bool) {
		if p == nil || p.node.Kind == yaml.ScalarNode {
			return
		}
		step := 1
		if p.node.Kind == yaml.MappingNode {
			step = 2
		}
		content := slices.Clone(p.node.Content)
		for i := 0; i < len(content); i += step {
			key, value := strconv.Itoa(i), content[i+step-1]
			if step == 2 {
				key = content[i].Value
			}
			if !yield(&place{p, key, value, cmp.Or(b.grammar.field(p.kind, key), anyKind)}) {
				return
			}
		}
	}
}

// child returns the value under a key or index, or nil.
func (b *builder) child(p *place, key string) *place {
	for c := range b.children(p) {
		if c.key == key {
			return c
		}
	}
	return nil
}

// walk visits a place and everything below it that the grammar knows, parents
// first. A visit may change the content of its place.
func (b *builder) walk(p *place, visit func(*place)) {
	visit(p)
	for c := range b.children(p) {
		if c.kind != anyKind {
			b.walk(c, visit)
		}
	}
}

// drop removes a place from its parent.
func drop(p *place) {
	if p.up.node.Kind == yaml.MappingNode {
		remove(p.up.node, p.key)
		return
	}
	p.up.node.Content = slices.DeleteFunc(p.up.node.Content, func(n *yaml.Node) bool { return n == p.node })
}

// pointer returns the JSON pointer (RFC 6901) of a place.
func (p *place) pointer() string {
	if p.up == nil {
		return ""
	}
	return p.up.pointer() + "/" + jsonpointer.Escape(p.key)
}
