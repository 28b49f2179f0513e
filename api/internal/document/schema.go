package document

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// schema fixes what CommBox does with the keywords of a schema.
func (b *builder) schema(p *place) {
	b.required(p)
	kind := text(p.node, "type")
	if lower := strings.ToLower(kind); lower != kind && jsonTags[lower] != "" {
		b.defect(b.child(p, "type"), "the type is in the wrong case", fmt.Sprintf("%q taken for %q", kind, lower))
		set(p.node, "type", newString(lower))
		kind = lower
	}
	switch {
	case get(p.node, "type") == nil && get(p.node, "properties") != nil:
		// Without a type, text and numbers fit, and of two alternatives often both.
		set(p.node, "type", newString("object"))
		b.defect(p, "has properties and no type, and became an object", "")
	case kind == "array" && get(p.node, "items") == nil:
		set(p.node, "items", node("{}"))
		b.defect(p, "is an array without items and became one of anything", "")
	case jsonTags[kind] != "" && kind != "object":
		for value := range b.children(b.child(p, "enum")) {
			if value.kind = kind; !isNull(value.node) {
				b.convert(value)
			}
		}
	}
	pattern := b.child(p, "pattern")
	if err := openapi3.NewStringSchema().WithPattern(text(p.node, "pattern")).Validate(context.Background()); err != nil {
		b.defect(pattern, "is a pattern that Go cannot match, and was dropped", brief(pattern.node))
		drop(pattern)
	}
}

// required moves a property's "required: true" to the object that has it.
func (b *builder) required(p *place) {
	flag := b.child(p, "required")
	if flag == nil || flag.node.Kind != yaml.ScalarNode {
		return
	}
	drop(flag)
	if p.up.key != "properties" || p.up.kind != "{}schema" || !strings.EqualFold(flag.node.Value, "true") {
		b.defect(flag, "required is a list of properties; it was dropped", brief(flag.node))
		return
	}
	update(p.up.up.node, node(fmt.Sprintf("required: [%q]", p.key)))
	b.defect(flag, "a property cannot require itself; the object that has it requires it now", "")
}

// fixAlternatives drops alternatives that say the same as one before them: no
// value fits exactly one of these, so that nobody could answer with any.
func (b *builder) fixAlternatives(p *place) {
	if p.kind != "[]schema" || p.key != "oneOf" && p.key != "anyOf" {
		return
	}
	var kept []*place
	for alternative := range b.children(p) {
		same := func(other *place) bool {
			equal := true
			b.differences(other, alternative, func(*place, *yaml.Node, *yaml.Node) { equal = false })
			return equal
		}
		if slices.ContainsFunc(kept, same) {
			b.defect(alternative, "says the same as an alternative before it, and was dropped", "")
			drop(alternative)
			continue
		}
		kept = append(kept, alternative)
	}
}
