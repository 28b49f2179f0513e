package document

import (
	"iter"
	"slices"

	"gopkg.in/yaml.v3"
)

// A document is a tree of yaml.Node, because that is what overlays work on.
// Whatever the source was, the tree has only mappings with string keys,
// sequences and scalars: no documents, aliases or merge keys.

func newMapping(line int) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: line}
}

func newString(s string, line int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Line: line}
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
	if n == nil || n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
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
	n.Content = append(n.Content, newString(key, value.Line), value)
}

func remove(n *yaml.Node, key string) {
	if i := index(n, key); i >= 0 {
		n.Content = slices.Delete(n.Content, i, i+2)
	}
}

// entries yields the keys and values of a mapping; anything else has none.
// The mapping may change meanwhile: what is yielded is what it had.
func entries(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		content := slices.Clone(n.Content)
		for i := 0; i < len(content); i += 2 {
			if !yield(content[i], content[i+1]) {
				return
			}
		}
	}
}

// clone copies a tree, positions included.
func clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = clone(child)
	}
	return &c
}
