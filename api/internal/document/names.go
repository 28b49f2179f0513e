package document

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var notAllowed = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// componentName makes a name that the standard allows for a component.
func componentName(s string, k kind) string {
	if s = strings.Trim(notAllowed.ReplaceAllString(s, "_"), "_"); s == "" {
		return strings.ToUpper(k[:1]) + k[1:]
	}
	return s
}

// free returns a name that an object does not have yet.
func free(object *yaml.Node, base string) string {
	name := base
	for i := 2; get(object, name) != nil; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	return name
}

// nameComponents gives components with names that the standard does not allow
// new ones.
func (b *builder) nameComponents() {
	renamed := map[string]string{}
	for section := range b.children(b.child(b.top(), "components")) {
		for key := range entries(section.node) {
			if section.kind == anyKind || !notAllowed.MatchString(key.Value) && key.Value != "" {
				continue
			}
			p := b.child(section, key.Value)
			key.Value = free(section.node, componentName(p.key, p.kind))
			b.defect(p, "the name is not allowed for a component", fmt.Sprintf("%q became %q", p.key, key.Value))
			renamed["#"+p.pointer()] = "#/components/" + section.key + "/" + key.Value
		}
	}
	b.rename(renamed)
}

// rename lets references follow what was renamed.
func (b *builder) rename(renamed map[string]string) {
	b.walk(b.top(), func(p *place) {
		if to := renamed[reference(p)]; to != "" {
			set(p.node, "$ref", newString(to))
		}
	})
}

// notGenerated is what generators leave out of an operationId.
var notGenerated = regexp.MustCompile(`[^\pL\pN]`)

// nameOperations takes an operationId from all operations but the first by
// path and method: the others are named after their paths.
func (b *builder) nameOperations() {
	taken := map[string]*place{}
	var all []*place
	b.walk(b.top(), func(p *place) {
		if p.kind == "operation" && text(p.node, "operationId") != "" {
			all = append(all, p)
		}
	})
	slices.SortFunc(all, func(x, y *place) int { return strings.Compare(x.pointer(), y.pointer()) })
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
