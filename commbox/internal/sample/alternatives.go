package sample

import (
	"encoding/json"
	"slices"
)

// unite makes one of the alternatives of each oneOf and anyOf below a node that say
// the same, which generators of documents like to repeat: no value could fit
// exactly one of them.
func unite(node any) {
	switch n := node.(type) {
	case map[string]any:
		for _, keyword := range []string{"oneOf", "anyOf"} {
			alternatives, _ := n[keyword].([]any)
			var meanings []string
			kept := slices.DeleteFunc(slices.Clone(alternatives), func(a any) bool {
				meaning := meaningOf(a)
				known := slices.Contains(meanings, meaning)
				meanings = append(meanings, meaning)
				return known
			})
			if len(kept) < len(alternatives) {
				n[keyword] = kept
			}
		}
		for _, below := range n {
			unite(below)
		}
	case []any:
		for _, below := range n {
			unite(below)
		}
	}
}

// meaningOf is a schema without what is said to people only.
func meaningOf(schema any) string {
	data, _ := json.Marshal(bare(schema)) // of JSON
	return string(data)
}

func bare(node any) any {
	switch n := node.(type) {
	case map[string]any:
		fields := make(map[string]any, len(n))
		for name, value := range n {
			if name == "properties" { // names of the user's, whatever they are
				properties, _ := value.(map[string]any)
				named := make(map[string]any, len(properties))
				for name, p := range properties {
					named[name] = bare(p)
				}
				fields[name] = named
			} else if !slices.Contains([]string{"description", "title", "example", "examples"}, name) {
				fields[name] = bare(value)
			}
		}
		return fields
	case []any:
		items := make([]any, len(n))
		for i, item := range n {
			items[i] = bare(item)
		}
		return items
	}
	return node
}
