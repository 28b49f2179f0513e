package document

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A difference is a place where two values mean different things, and what
// either says there. A nil value is missing.
type difference struct {
	pointer    string
	here, more *yaml.Node
}

// differences compares what two values of a kind mean. Texts, examples and
// extensions mean nothing here; nor does the order of keys, parameters,
// required names and alternatives of an enumeration.
func (v version) differences(k kind, a, b *yaml.Node) []difference {
	if a == nil || b == nil {
		if absent := a == nil && b == nil || isDefault(a) || isDefault(b); absent {
			return nil
		}
		return []difference{{"", a, b}}
	}
	k = choose(k, a)
	if a.Kind != b.Kind || a.Kind == yaml.ScalarNode {
		if a.Kind == b.Kind && a.Value == b.Value && a.Tag == b.Tag {
			return nil
		}
		return []difference{{"", a, b}}
	}
	var all []difference
	below := func(key string, k kind, a, b *yaml.Node) {
		for _, d := range v.differences(k, a, b) {
			all = append(all, difference{"/" + escaper.Replace(key) + d.pointer, d.here, d.more})
		}
	}
	if a.Kind == yaml.SequenceNode {
		switch {
		case !unordered(k) && len(a.Content) != len(b.Content):
			return []difference{{"", a, b}}
		case !unordered(k):
			for i := range a.Content {
				below(strconv.Itoa(i), element(k), a.Content[i], b.Content[i])
			}
			return all
		}
		as, bs := byIdentity(k, a), byIdentity(k, b)
		for i, n := range a.Content {
			below(strconv.Itoa(i), element(k), n, bs[listed(k, n)])
		}
		for i, n := range b.Content {
			if as[listed(k, n)] == nil {
				below(strconv.Itoa(i), element(k), nil, n)
			}
		}
		return all
	}
	seen := map[string]bool{}
	for _, n := range []*yaml.Node{a, b} {
		for key := range entries(n) {
			inner, known := v.field(k, key.Value)
			if key.Value == "$ref" {
				inner, known = "string", true
			}
			if seen[key.Value] || !known || isObject(k) && meaningless(key.Value) {
				continue
			}
			seen[key.Value] = true
			below(key.Value, inner, get(a, key.Value), get(b, key.Value))
		}
	}
	return all
}

// meaningless reports whether a field of an object is for people only.
func meaningless(field string) bool {
	return strings.HasPrefix(field, "x-") ||
		slices.Contains([]string{"description", "summary", "title", "example", "examples", "externalDocs", "tags", "xml"}, field)
}

// isDefault reports whether a value says no more than its absence.
func isDefault(n *yaml.Node) bool {
	return n != nil && (n.Tag == "!!null" || n.Value == "false" && n.Tag == "!!bool" || n.Kind != yaml.ScalarNode && len(n.Content) == 0)
}

// unordered reports whether the order of a list means nothing.
func unordered(k kind) bool {
	return slices.Contains([]kind{"[]parameter", "[]string", "[]any", "[]security"}, k)
}

// listed tells what is in an unordered list from all else in it.
func listed(k kind, n *yaml.Node) string {
	if k == "[]parameter" {
		return text(n, "$ref") + " " + text(n, "in") + " " + text(n, "name")
	}
	return string(encode(n))
}

func byIdentity(k kind, list *yaml.Node) map[string]*yaml.Node {
	all := map[string]*yaml.Node{}
	for _, n := range list.Content {
		all[listed(k, n)] = n
	}
	return all
}

// brief shows a value in a message.
func brief(n *yaml.Node) string {
	switch {
	case n == nil:
		return "nothing"
	case n.Kind == yaml.MappingNode && len(n.Content) == 0:
		return "{}"
	}
	s := strings.Join(strings.Fields(string(encode(n))), " ")
	if runes := []rune(s); len(runes) > 80 {
		s = string(runes[:77]) + "…"
	}
	return s
}
