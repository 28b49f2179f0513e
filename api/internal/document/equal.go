package document

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// equal compares content: the order of keys does not count, nor does the
// order of parameters and of required names.
func equal(a, b *yaml.Node, key string) bool {
	if a.Kind != b.Kind || a.Tag != b.Tag || len(a.Content) != len(b.Content) {
		return false
	}
	switch a.Kind {
	case yaml.MappingNode:
		for key, value := range entries(a) {
			other := get(b, key.Value)
			if other == nil || !equal(value, other, key.Value) {
				return false
			}
		}
		return true
	case yaml.SequenceNode:
		as, bs := a.Content, b.Content
		if key == "parameters" || key == "required" {
			as, bs = sorted(as), sorted(bs)
		}
		return slices.EqualFunc(as, bs, func(x, y *yaml.Node) bool { return equal(x, y, "") })
	default:
		return a.Value == b.Value
	}
}

func sorted(nodes []*yaml.Node) []*yaml.Node {
	return slices.SortedFunc(slices.Values(nodes), func(x, y *yaml.Node) int {
		return slices.Compare(sortKey(x), sortKey(y))
	})
}

func sortKey(n *yaml.Node) []string {
	return []string{n.Value, text(n, "$ref"), text(n, "in"), text(n, "name")}
}

// difference finds the first place where two values differ, and what either
// has there.
func difference(a, b *yaml.Node) (pointer, left, right string) {
	if a.Kind == yaml.MappingNode && b.Kind == yaml.MappingNode {
		for key, value := range entries(a) {
			other := get(b, key.Value)
			if other != nil && equal(value, other, key.Value) {
				continue
			}
			if other == nil {
				return "/" + escaper.Replace(key.Value), brief(value), "missing"
			}
			rest, left, right := difference(value, other)
			return "/" + escaper.Replace(key.Value) + rest, left, right
		}
		for key, value := range entries(b) {
			if get(a, key.Value) == nil {
				return "/" + escaper.Replace(key.Value), "missing", brief(value)
			}
		}
	}
	if a.Kind == yaml.SequenceNode && b.Kind == yaml.SequenceNode && len(a.Content) == len(b.Content) {
		for i, value := range a.Content {
			if !equal(value, b.Content[i], "") {
				rest, left, right := difference(value, b.Content[i])
				return fmt.Sprintf("/%d%s", i, rest), left, right
			}
		}
	}
	return "", brief(a), brief(b)
}

// brief shows a value in an error message.
func brief(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return fmt.Sprintf("a list of %d", len(n.Content))
	}
	if s := encode(n); len(s) <= 60 {
		return string(s[:len(s)-1])
	}
	return "a long text"
}
