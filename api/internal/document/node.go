package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// A document is a tree of yaml.Node, because that is what overlays work on.
// Whatever the source was, the tree has only mappings with string keys,
// sequences and scalars, whose values are literals of JSON. The HeadComment of
// a node is the name of its file; what no file has is without.

// node makes a tree of YAML that is part of the program.
func node(text string) *yaml.Node {
	var doc yaml.Node
	_ = yaml.Unmarshal([]byte(text), &doc)
	return doc.Content[0]
}

func newString(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}

func newObject(key string, value *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{newString(key), value}}
}

// get returns the value of a key, or nil.
func get(n *yaml.Node, key string) *yaml.Node {
	if i := index(n, key); i >= 0 {
		return n.Content[i+1]
	}
	return nil
}

// text returns the string that is the value of a key, or "".
func text(n *yaml.Node, key string) string {
	if v := get(n, key); v != nil && v.Tag == "!!str" {
		return v.Value
	}
	return ""
}

func index(n *yaml.Node, key string) int {
	if n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return i
			}
		}
	}
	return -1
}

// set gives a key a value; a new key comes last.
func set(n *yaml.Node, key string, value *yaml.Node) {
	if i := index(n, key); i >= 0 {
		n.Content[i+1] = value
		return
	}
	n.Content = append(n.Content, newString(key), value)
}

func remove(n *yaml.Node, key string) {
	if i := index(n, key); i >= 0 {
		n.Content = slices.Delete(n.Content, i, i+2)
	}
}

// clone copies a tree, places in files included.
func clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = clone(child)
	}
	return &c
}

func same(a, b *yaml.Node) bool { return bytes.Equal(appendJSON(nil, a), appendJSON(nil, b)) }

// encode writes a tree as JSON for people: two spaces, the order of the tree,
// a newline at the end.
func encode(root *yaml.Node) []byte {
	var b bytes.Buffer
	_ = json.Indent(&b, appendJSON(nil, root), "", "  ") // what we write is JSON
	b.WriteByte('\n')
	return b.Bytes()
}

func appendJSON(b []byte, n *yaml.Node) []byte {
	brackets, second := "[]", byte(',')
	switch {
	case n.Tag == "!!str":
		buffer := bytes.NewBuffer(b)
		encoder := json.NewEncoder(buffer)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(n.Value) // a string into a buffer: nothing can fail
		return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
	case n.Kind == yaml.ScalarNode:
		return append(b, n.Value...)
	case n.Kind == yaml.MappingNode:
		brackets, second = "{}", ':'
	}
	b = append(b, brackets[0])
	for i, child := range n.Content {
		if i%2 == 1 {
			b = append(b, second)
		} else if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, child)
	}
	return append(b, brackets[1])
}

// brief shows a value in a message.
func brief(n *yaml.Node) string {
	if n == nil {
		return "nothing"
	}
	return fmt.Sprintf("%.80s", appendJSON(nil, n))
}
