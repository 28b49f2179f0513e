package document

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/go-openapi/jsonpointer"
	"github.com/speakeasy-api/openapi/json"
	"github.com/speakeasy-api/openapi/yml"
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

// grammar is the grammar of OpenAPI 3.0: the kinds of objects, their fields, and the kinds
// of the fields.
var grammar = func() (g map[kind]map[string]kind) {
	_ = yaml.Unmarshal(grammarFile, &g) // it is part of the program
	return g
}()

// field returns the kind of the value that an object or list of a kind has under a key, or
// "" if it has no such key.
func field(in kind, key string) kind {
	switch {
	case strings.HasPrefix(in, "{}"), strings.HasPrefix(in, "[]"):
		return in[2:]
	case in == anyKind || strings.HasPrefix(key, "x-"):
		return anyKind
	case key == "$ref":
		return "string"
	}
	return cmp.Or(grammar[in][key], grammar[in]["*"])
}

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
			if !yield(&place{p, key, value, cmp.Or(field(p.kind, key), anyKind)}) {
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

// A document is a tree of yaml.Node, because overlays work on such a tree. For every
// source, the tree has only mappings with string keys, sequences, and scalars that are
// JSON literals. The HeadComment of a node is the name of its file, if it is in a file.

// node makes a tree from YAML in the program's code.
func node(text string) *yaml.Node {
	n, _ := parse("", []byte(text), 1)
	return n
}

func newString(s string) *yaml.Node { return yml.CreateStringNode(s) }

func newObject(key string, value *yaml.Node) *yaml.Node {
	return yml.CreateMapNode(context.Background(), []*yaml.Node{newString(key), value})
}

// get returns the value of a key, or nil.
func get(n *yaml.Node, key string) *yaml.Node {
	_, value, _ := yml.GetMapElementNodes(context.Background(), n, key)
	return value
}

// text returns the string that is the value of a key, or "".
func text(n *yaml.Node, key string) string {
	if v := get(n, key); v != nil && v.Tag == "!!str" {
		return v.Value
	}
	return ""
}

// set gives a key a value; a new key comes last.
func set(n *yaml.Node, key string, value *yaml.Node) {
	yml.CreateOrUpdateMapNodeElement(context.Background(), key, nil, value, n)
}

func remove(n *yaml.Node, key string) {
	yml.DeleteMapNodeElement(context.Background(), key, n)
}

// clone copies a tree, including files and lines.
func clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = clone(child)
	}
	return &c
}

func same(a, b *yaml.Node) bool { return bytes.Equal(encode(a, 0), encode(b, 0)) }

// encode writes a tree as JSON, in the order of the tree: on one line or, for people, with
// an indentation.
func encode(n *yaml.Node, indent int) []byte {
	var b bytes.Buffer
	_ = json.YAMLToJSON(n, indent, &b) // into a buffer, nothing can fail
	return b.Bytes()
}

// brief shows a value in a message.
func brief(n *yaml.Node) string {
	if n == nil {
		return "nothing"
	}
	return fmt.Sprintf("%.80s", bytes.TrimSpace(encode(n, 0)))
}
