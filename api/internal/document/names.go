package document

import (
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	allowedName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	notAllowed  = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
)

// componentName makes a name that the standard allows for a component.
func componentName(s string, k kind) string {
	if s = strings.Trim(notAllowed.ReplaceAllString(s, "_"), "_"); s == "" {
		return strings.ToUpper(k[:1]) + k[1:]
	}
	return s
}

// A namer finds names that are not taken yet.
type namer struct {
	taken map[string]bool
	last  map[string]int
}

func newNamer(mapping *yaml.Node) *namer {
	n := &namer{map[string]bool{}, map[string]int{}}
	for key := range entries(mapping) {
		n.taken[key.Value] = true
	}
	return n
}

func (n *namer) unique(base string) string {
	name := base
	for n.taken[name] {
		n.last[base]++
		name = fmt.Sprintf("%s_%d", base, n.last[base]+1)
	}
	n.taken[name] = true
	return name
}

// nameComponents gives components with names that the standard does not allow new
// ones, and lets all references follow.
func (b *builder) nameComponents() {
	components := b.child(b.top(), "components")
	if components == nil {
		return
	}
	renamed := map[string]string{} // references; for security schemes, names
	for section, values := range entries(components.node) {
		sectionKind, _ := b.version.field("components", section.Value)
		if strings.HasPrefix(section.Value, "x-") {
			continue
		}
		at := b.child(components, section.Value)
		free := newNamer(values)
		for key, value := range entries(values) {
			if allowedName.MatchString(key.Value) {
				continue
			}
			old := &place{up: at, key: key.Value, node: value, kind: element(sectionKind)}
			unique := free.unique(componentName(key.Value, strings.TrimPrefix(sectionKind, "{}")))
			b.defect(old, "the name is not allowed for a component", fmt.Sprintf("%q became %q", key.Value, unique))
			renamed["#"+old.pointer()] = "#/components/" + section.Value + "/" + unique
			if section.Value == "securitySchemes" {
				renamed[key.Value] = unique
			}
			key.Value = unique
		}
	}
	b.rename(renamed)
}

// rename lets all references follow what was renamed.
func (b *builder) rename(renamed map[string]string) {
	if len(renamed) == 0 {
		return
	}
	b.walk(b.top(), func(p *place) {
		if to := renamed[reference(p)]; to != "" {
			get(p.node, "$ref").Value = to
		}
		switch {
		case p.up != nil && p.up.kind == mappingKind:
			if to := renamed[p.node.Value]; to != "" {
				p.node.Value = to
			}
		case p.kind == "security":
			for key := range entries(p.node) {
				if to := renamed[key.Value]; to != "" {
					key.Value = to
				}
			}
		}
	})
}
