package document

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// nameOperations takes an operationId from all operations but the first by path
// and method: the others are named after their paths.
func (b *builder) nameOperations() {
	var all []*place
	b.walk(b.top(), func(p *place) {
		if p.kind == "operation" && get(p.node, "operationId") != nil {
			all = append(all, p)
		}
	})
	slices.SortFunc(all, func(x, y *place) int { return strings.Compare(x.pointer(), y.pointer()) })
	taken := map[string]string{}
	for _, p := range all {
		id := text(p.node, "operationId")
		if first := taken[letters(id)]; first != "" {
			b.defect(b.child(p, "operationId"), "the operationId is taken, and was dropped", fmt.Sprintf("%q by %s", id, first))
			remove(p.node, "operationId")
			continue
		}
		taken[letters(id)] = p.pointer()
	}
}

// letters is what generators look at in an operationId: two of the same
// letters and digits cannot both be generated.
func letters(id string) string {
	return strings.ToLower(strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return c
		}
		return -1
	}, id))
}

// fixSecurity defines the security schemes that are required and not defined:
// rendered, CommBox's pages show HTTP bearer.
func (b *builder) fixSecurity() {
	b.walk(b.top(), func(p *place) {
		if p.kind != "security" {
			return
		}
		for key := range entries(p.node) {
			schemes := ensure(ensure(b.root, "components"), "securitySchemes")
			if get(schemes, key.Value) == nil {
				scheme := newMapping(key.Line)
				set(scheme, "type", newString("http", key.Line))
				set(scheme, "scheme", newString("bearer", key.Line))
				set(schemes, key.Value, scheme)
				b.defect(b.child(p, key.Value), "a security scheme is required and not defined; taken for HTTP bearer", key.Value)
			}
		}
	})
}

var noWord = regexp.MustCompile(`[^A-Za-z0-9]+`)

var streamID = regexp.MustCompile(`(?i:^|_|-)(?i:stream_?id)$|[a-z0-9]StreamI[dD]$`)

// fixOwnReferences makes text of a parameter whose schema is a reference to a
// parameter that CommBox does not publish. On the wire it is text either way.
func (b *builder) fixOwnReferences() {
	b.walk(b.top(), func(p *place) {
		if p.kind != "parameter" {
			return
		}
		schema := b.child(p, "schema")
		if schema == nil {
			return
		}
		ref := reference(schema)
		if _, why := b.lead(schemaKind, ref); why == "" || !strings.HasPrefix(ref, "#/components/parameters/") {
			return
		}
		b.defect(schema, "refers to a parameter that CommBox does not publish; taken for text", "")
		remove(schema.node, "$ref")
		set(schema.node, "type", newString("string", schema.node.Line))
	})
}

// parameter fixes a path parameter that does not say that it is required: no
// path exists without it. And stream IDs are text: CommBox's encrypted one may
// stand wherever its documents ask for a number.
func (b *builder) parameter(p *place) {
	in := text(p.node, "in")
	if required := get(p.node, "required"); in == "path" && (required == nil || required.Value == "false") {
		set(p.node, "required", newBool("true", p.node.Line))
		b.defect(p, "is a path parameter that is not required, and became required", "")
	}
	schema := b.child(p, "schema")
	if schema == nil || !streamID.MatchString(text(p.node, "name")) {
		return
	}
	if to, why := b.lead(schemaKind, reference(schema)); why == "" {
		*schema.node = *clone(to.node)
	}
	if kind := text(schema.node, "type"); kind == "integer" || kind == "number" {
		b.defect(schema, "a stream ID is a number here; it became text", kind)
		*schema.node = *newMapping(schema.node.Line)
		set(schema.node, "type", newString("string", schema.node.Line))
	}
}

var templateParameter = regexp.MustCompile(`\{([^{}]*)\}`)

// checkPathParameters finds paths that do not have the parameters that they
// declare. The library finds them too, but not where they are.
func (b *builder) checkPathParameters() {
	b.walk(b.top(), func(p *place) {
		if p.kind == "operation" && p.up.up.kind == "paths" {
			b.pathParameters(p)
		}
	})
}

func (b *builder) pathParameters(operation *place) {
	item := operation.up
	var wanted, declared []string
	for _, match := range templateParameter.FindAllStringSubmatch(item.key, -1) {
		wanted = append(wanted, match[1])
	}
	for _, owner := range []*place{item, operation} {
		list := b.child(owner, "parameters")
		if list == nil || list.node.Kind != yaml.SequenceNode {
			continue
		}
		for i := range list.node.Content {
			p := b.child(list, strconv.Itoa(i))
			if to, why := b.lead("parameter", reference(p)); why == "" {
				p = to
			}
			if name := text(p.node, "name"); text(p.node, "in") == "path" {
				declared = append(declared, name)
				if !slices.Contains(wanted, name) {
					b.fail(p, fmt.Sprintf("the path parameter %q is not in the path %q", name, item.key),
						"one of the two names is wrong: correct the parameter in the overlay, target "+p.target())
				}
			}
		}
	}
	for _, name := range wanted {
		if !slices.Contains(declared, name) {
			b.fail(operation, fmt.Sprintf("the path has {%s}, but no parameter declares it", name),
				"add the parameter in the overlay: target "+operation.target())
		}
	}
}
