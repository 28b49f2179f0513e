package document

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// fixKeys drops the keys that an object cannot have.
func (b *builder) fixKeys(p *place) {
	if grammar[p.kind] == nil || reference(p) != "" {
		return
	}
	for c := range b.children(p) {
		known := field(p.kind, c.key) != ""
		switch {
		case !known && p.kind == "pathItem" && get(c.node, "responses") != nil:
			b.fail(c, fmt.Sprintf("OpenAPI has no operation %q", c.key), "remove it in the overlay")
			continue
		case !known:
			b.defect(c, "no "+p.kind+" has such a key; it was dropped", "")
		case isNull(c.node) && c.kind != anyKind, c.kind == "[]schema" && len(c.node.Content) == 0,
			c.kind == schemaKind && c.node.Tag == "!!bool" && c.key != "additionalProperties", c.kind == "boolean" && fits("number", c.node):
			b.defect(c, "means nothing in OpenAPI 3.0 and was dropped", brief(c.node))
		case c.key == "example" && p.kind != schemaKind && get(p.node, "examples") != nil:
			b.defect(c, "there are examples too; it was dropped", "")
		default:
			continue
		}
		drop(c)
	}
}

// fixValue fixes a value of the wrong type. It converts the value if the meaning is clear,
// and otherwise reports an error.
func (b *builder) fixValue(p *place) {
	isList := strings.HasPrefix(p.kind, "[]")
	switch {
	case p.kind == schemaKind && p.node.Tag == "!!bool": // as additionalProperties
	case jsonTags[p.kind] != "":
		b.convert(p)
	case isList && p.node.Kind != yaml.SequenceNode, !isList && p.node.Kind != yaml.MappingNode:
		b.fail(p, fmt.Sprintf("is %s, and a value of the kind %s is needed", brief(p.node), p.kind), inOverlay)
	case isList && p.kind != "[]any" && p.kind != "[]schema":
		once := node("[]") // saying something twice is an error, and has no meaning
		update(once, p.node)
		p.node.Content = once.Content
	case p.kind == "response" && (p.key == "204" || p.up.up.key == "head") && get(b.target(p).node, "content") != nil:
		*p.node = *newObject("description", newString(text(b.target(p).node, "description")))
		b.defect(p, "is an answer that has no content, and lost what it declares", "")
	case p.kind == "mediaType" && strings.Contains(p.key, ";"):
		plain, _, _ := strings.Cut(p.key, ";")
		b.respell(p, strings.TrimSpace(plain))
	case p.kind == "response" && strings.HasSuffix(p.key, "xx"):
		b.respell(p, strings.ToUpper(p.key))
	case reference(p) != "":
	case p.kind == schemaKind:
		b.schema(p)
	case p.kind == "parameter", p.kind == "header":
		b.parameter(p)
	case p.kind == "response" && get(p.node, "description") == nil:
		set(p.node, "description", newString(""))
		b.defect(p, "has no description and got an empty one", "")
	}
}

// jsonTags are the YAML tags of the kinds that are JSON types.
var jsonTags = map[kind]string{
	"string": "!!str", "boolean": "!!bool", "integer": "!!int", "number": "!!int !!float", "object": "!!map", "array": "!!seq",
}

func fits(k kind, n *yaml.Node) bool { return strings.Contains(jsonTags[k], n.Tag) }

// convert changes the type of a scalar, if its text allows it.
func (b *builder) convert(p *place) {
	if fits(p.kind, p.node) {
		return
	}
	meant, err := newString(p.node.Value), error(nil)
	if p.kind != "string" {
		meant, err = parse("", []byte(strings.ToLower(p.node.Value)), 1)
	}
	if err != nil || !fits(p.kind, meant) || p.node.Kind != yaml.ScalarNode || isNull(p.node) {
		b.fail(p, fmt.Sprintf("is %s, and a value of the kind %s is needed", brief(p.node), p.kind), inOverlay)
		return
	}
	b.defect(p, "is of the wrong type and was converted", fmt.Sprintf("%s to %s", brief(p.node), p.kind))
	p.node.Tag, p.node.Value = meant.Tag, meant.Value
}

// fixSecurity defines a security scheme that is required but not defined. CommBox's
// rendered pages show HTTP bearer.
func (b *builder) fixSecurity(p *place) {
	if p.up == nil || p.up.kind != "security" {
		return
	}
	if components := get(b.root, "components"); get(get(components, "securitySchemes"), p.key) == nil {
		update(components, newObject("securitySchemes", newObject(p.key, node("{type: http, scheme: bearer}"))))
		b.defect(p, "a security scheme is required and not defined; taken for HTTP bearer", p.key)
	}
}

var streamID = regexp.MustCompile(`(?i:^|_|-)(?i:stream_?id)$|[a-z0-9]StreamI[dD]$`)

// parameter makes a path parameter required, because no path exists without it. It makes
// stream IDs text, because CommBox accepts an encrypted ID even if its documents ask for a
// number.
func (b *builder) parameter(p *place) {
	if required := get(p.node, "required"); text(p.node, "in") == "path" && isDefault(required) {
		set(p.node, "required", node("true"))
		b.defect(p, "is a path parameter that is not required, and became required", "")
	}
	if isDefault(get(p.node, "schema")) && get(p.node, "content") == nil {
		set(p.node, "schema", node("type: string"))
		b.defect(p, "has no schema; taken for text", "")
	}
	schema := b.child(p, "schema")
	if to := b.target(schema); to != nil && streamID.MatchString(text(p.node, "name")) {
		if kind := text(to.node, "type"); kind == "integer" || kind == "number" {
			b.defect(schema, "a stream ID is a number here; it became text", kind)
			set(p.node, "schema", node("type: string"))
		}
	}
}

// respell writes a key in the usual form, such as a media type without charset.
func (b *builder) respell(p *place, key string) {
	if drop(p); get(p.up.node, key) == nil {
		set(p.up.node, key, p.node)
	}
	b.note(p, "is written otherwise", key)
}

var variable = regexp.MustCompile(`{([^{}]*)}`)

// unitePaths makes one path from paths that differ only in the names of parameters.
func (b *builder) unitePaths() {
	paths := map[string]*place{}
	for p := range b.children(b.child(b.top(), "paths")) {
		same := variable.ReplaceAllString(p.key, "{}")
		if paths[same] == nil {
			paths[same] = p
			continue
		}
		b.defect(p, "differs from a path before it in the names of parameters alone, and became that one", paths[same].key)
		b.unite(paths[same], p)
		drop(p)
	}
}

// fixPath gives an operation the path parameters that its path has, and no others. A
// parameter that it adds is text, since every parameter is text on the wire.
func (b *builder) fixPath(p *place) {
	if p.kind != "operation" || p.up.up.kind != "paths" {
		return
	}
	found := map[string]bool{}
	for _, holder := range []*place{p.up, p} {
		for parameter := range b.children(b.child(holder, "parameters")) {
			to := b.target(parameter).node
			name := text(to, "name")
			switch {
			case text(to, "in") != "path":
			case strings.Contains(p.up.key, "{"+name+"}"):
				found[name] = true
			default:
				b.defect(parameter, "is no parameter of the path, and was dropped", name)
				drop(parameter)
			}
		}
	}
	for _, m := range variable.FindAllStringSubmatch(p.up.key, -1) {
		if name := m[1]; !found[name] {
			found[name] = true
			b.defect(p, "lacks a parameter of its path; taken for text", name)
			update(p.node, node(fmt.Sprintf("parameters: [{name: %q, in: path, required: true, schema: {type: string}}]", name)))
		}
	}
}

// schema fixes CommBox's mistakes in the keywords of a schema.
func (b *builder) schema(p *place) {
	b.required(p)
	kind := text(p.node, "type")
	if lower := strings.ToLower(kind); lower != kind && jsonTags[lower] != "" {
		b.defect(b.child(p, "type"), "the type is in the wrong case", fmt.Sprintf("%q taken for %q", kind, lower))
		set(p.node, "type", newString(lower))
		kind = lower
	} else if t := get(p.node, "type"); t != nil && t.Tag == "!!str" && jsonTags[kind] == "" {
		b.defect(b.child(p, "type"), "JSON has no such type; anything is accepted", brief(newString(kind)))
		remove(p.node, "type")
	}
	switch {
	case get(p.node, "type") == nil && get(p.node, "properties") != nil:
		// Without a type, texts and numbers fit as well, and often two alternatives at once.
		set(p.node, "type", newString("object"))
		b.defect(p, "has properties and no type, and became an object", "")
	case p.up.kind == "parameter" && !slices.ContainsFunc([]string{"type", "allOf", "oneOf", "anyOf"}, func(key string) bool { return get(p.node, key) != nil }):
		set(p.node, "type", newString("string")) // on the wire, every parameter is text
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

// fixAlternatives drops alternatives that are the same as an earlier one: no value could
// fit exactly one of them.
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

// notGenerated is what generators leave out of an operationId.
var notGenerated = regexp.MustCompile(`[^\pL\pN]`)

// nameOperations lets only one operation keep an operationId: the one of the most trusted
// source and, within a source, the first by path and method. The others are named after
// their paths.
func (b *builder) nameOperations() {
	taken := map[string]*place{}
	var all []*place
	b.walk(b.top(), func(p *place) {
		if p.kind == "operation" && text(p.node, "operationId") != "" {
			all = append(all, p)
		}
	})
	rank := func(p *place) int { return b.rank(get(p.node, "operationId").HeadComment) }
	slices.SortFunc(all, func(x, y *place) int { return cmp.Or(rank(x)-rank(y), strings.Compare(x.pointer(), y.pointer())) })
	for _, p := range all {
		id := strings.ToLower(notGenerated.ReplaceAllString(text(p.node, "operationId"), ""))
		if first := taken[id]; first != nil {
			b.defect(b.child(p, "operationId"), "the operationId is taken, and was dropped",
				fmt.Sprintf("%q by %s", text(p.node, "operationId"), first.pointer()))
			remove(p.node, "operationId")
			continue
		}
		taken[id] = p
	}
}
