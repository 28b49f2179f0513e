package document

import "gopkg.in/yaml.v3"

// A keyIndex remembers where the keys of large mappings are: the components
// of a large document are looked up once per reference.
type keyIndex map[*yaml.Node]indexed

type indexed struct {
	first **yaml.Node // with size, tells most changes
	size  int
	at    map[string]int
}

const worthIndexing = 64

func (x keyIndex) get(n *yaml.Node, key string) *yaml.Node {
	if len(n.Content) < worthIndexing {
		return get(n, key)
	}
	known := x[n]
	if known.size != len(n.Content) || known.first != &n.Content[0] {
		known = indexed{&n.Content[0], len(n.Content), make(map[string]int, len(n.Content)/2)}
		for i := 0; i < len(n.Content); i += 2 {
			known.at[n.Content[i].Value] = i
		}
		x[n] = known
	}
	if i, ok := known.at[key]; ok && n.Content[i].Value == key {
		return n.Content[i+1]
	}
	return get(n, key) // what was renamed meanwhile
}
