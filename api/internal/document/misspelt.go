package document

import (
	"maps"
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"
)

// names are all that a target can name with some sense: the fields of OpenAPI,
// what the document has, and what the overlay mentions or defines. A word that
// only one target has is not among them.
func (b *builder) names() map[string]bool {
	known, mentioned := map[string]bool{}, map[string]int{}
	for _, g := range []map[kind]map[string]kind{grammar, grammar31} {
		for _, fields := range g {
			for field := range fields {
				known[field] = true
			}
		}
	}
	var add func(n *yaml.Node)
	add = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			known[n.Value] = true
		}
		for _, child := range n.Content {
			add(child)
		}
	}
	add(b.root)
	for _, a := range b.overlay.actions {
		add(&a.Update)
		for _, word := range words(a.Target) {
			mentioned[word]++
		}
	}
	for word, times := range mentioned {
		if times > 1 {
			known[word] = true
		}
	}
	return known
}

var word = regexp.MustCompile(`'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\.([A-Za-z_][\w-]*)`)

// words are the names and texts in a JSONPath.
func words(target string) []string {
	var all []string
	for _, m := range word.FindAllStringSubmatch(target, -1) {
		all = append(all, m[1]+m[2]+m[3])
	}
	return all
}

// misspelt finds a word in a target that nothing is called, although something
// is called nearly the same.
func misspelt(target string, known map[string]bool) (wrong, right string) {
	candidates := slices.Sorted(maps.Keys(known))
	for _, word := range words(target) {
		near := 1
		if len(word) >= 8 {
			near = 2
		}
		if known[word] || len(word) < 4 {
			continue
		}
		for _, name := range candidates {
			if distance(word, name, near) <= near {
				return word, name
			}
		}
	}
	return "", ""
}

// distance is the number of letters that have to change (Levenshtein), or any
// number above the limit if it is above it.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
