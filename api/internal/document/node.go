package document

import (
	"bytes"
	"context"
	"fmt"

	"github.com/speakeasy-api/openapi/json"
	"github.com/speakeasy-api/openapi/yml"
	"gopkg.in/yaml.v3"
)

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
