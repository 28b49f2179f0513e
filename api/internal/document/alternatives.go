package document

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// uniteAlternatives drops alternatives that say the same as one before them: no
// value fits exactly one of these, so that nobody could answer with any.
func (b *builder) uniteAlternatives() {
	b.walk(b.top(), func(p *place) {
		if p.kind != schemaKind || reference(p) != "" {
			return
		}
		for _, keyword := range []string{"oneOf", "anyOf"} {
			if list := b.child(p, keyword); list != nil {
				b.unite(list)
			}
		}
	})
}

func (b *builder) unite(list *place) {
	var kept []*yaml.Node
	for i, n := range list.node.Content {
		known := slices.ContainsFunc(kept, func(k *yaml.Node) bool {
			return len(b.version.differences(schemaKind, k, n)) == 0
		})
		if known {
			b.defect(b.child(list, strconv.Itoa(i)), "says the same as an alternative before it, and was dropped", "")
			continue
		}
		kept = append(kept, n)
	}
	list.node.Content = kept
}

// object gives the type that was meant to a schema that has properties and no
// type. Without it text and numbers fit, and of two alternatives often both.
func (b *builder) object(p *place) {
	if get(p.node, "type") == nil && get(p.node, "properties") != nil {
		set(p.node, "type", newString("object", p.node.Line))
		b.defect(p, "has properties and no type, and became an object", "")
	}
}
