package golang

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	goTypeKey     = "x-go-type"
	goTypeNameKey = "x-go-type-name"
	textType      = "wire.Text"
)

// A site is a schema that needs a type, and how it is found: from its owner
// through properties.
type site struct {
	ref   *openapi3.SchemaRef
	owner string
	path  []string
}

// A group is the sites of one type.
type group struct {
	key   string // of the shape
	name  string // of the component; empty: not known yet
	sites []site
}

type types struct {
	sending bool // what is being visited is sent rather than read
	groups  map[string]*group
	found   map[*openapi3.SchemaRef]*group
}

// nameTypes makes a component of each schema inside another one for which Go
// needs a type: one component of all that have the same shape.
func nameTypes(doc *openapi3.T) error {
	t := &types{groups: map[string]*group{}, found: map[*openapi3.SchemaRef]*group{}}
	keys := map[*openapi3.Schema]string{}
	for key, ref := range doc.Components.Schemas {
		keys[ref.Value] = key
	}
	roots(doc, func(r root) {
		t.sending = r.sent
		if r.path != nil {
			t.visit(site{r.ref, r.owner, r.path}, r.inner, true)
			return
		}
		t.visit(site{r.ref, r.owner, r.inner}, r.inner, false)
		if key, ok := keys[r.ref.Value]; ok && r.ref.Ref == "" && needsType(r.ref.Value) {
			if g := t.group(site{r.ref, "", []string{r.owner}}); g.name == "" {
				g.name = key
			}
		}
	})
	groups, err := t.named(doc)
	for _, g := range groups {
		value := g.sites[0].ref.Value
		if doc.Components.Schemas[g.name] == nil {
			delete(value.Extensions, goTypeNameKey)
			doc.Components.Schemas[g.name] = &openapi3.SchemaRef{Value: value}
		}
		for _, at := range g.sites {
			if at.ref.Value.Description != value.Description {
				value.Description = "" // it tells of one place only
			}
		}
		for _, at := range g.sites {
			at.ref.Ref, at.ref.Value = schemasRef+g.name, doc.Components.Schemas[g.name].Value
		}
	}
	return err
}

// visit finds the schemas that need a type, those inside others first.
func (t *types) visit(at site, inner []string, hoist bool) {
	if at.ref.Ref != "" {
		return
	}
	t.simplify(at.ref)
	if _, given := at.ref.Value.Extensions[goTypeKey]; given || at.ref.Ref != "" {
		return
	}
	inside(at.ref.Value, func(by way, _ string, ref *openapi3.SchemaRef) {
		path := step(inner, by, at.ref.Value, ref)
		t.visit(site{ref, at.owner, path}, path, by != toPart)
		if by == toAlternative && ref.Ref == "" && t.found[ref] == nil && !ref.Value.Type.Is("null") {
			t.add(site{ref, at.owner, path}) // the methods of the union are called after it
		}
	})
	if hoist && needsType(at.ref.Value) {
		t.add(at)
	}
}

func (t *types) add(at site) {
	g := t.group(at)
	g.sites = append(g.sites, at)
	t.found[at.ref] = g
}

// group is what a schema belongs to. A name that the overlay gives is for its
// own schema alone, and enumerations of the same values are one type only where
// they are called the same.
func (t *types) group(at site) *group {
	key := fmt.Sprintln(t.sending, t.sending && isNullable(at.ref.Value), at.ref.Value.Extensions[goTypeNameKey]) + t.shape(at.ref)
	if path := significant(at.path); isEnum(at.ref.Value) && len(path) > 0 {
		key = fmt.Sprintln(key, path[len(path)-1])
	}
	if t.groups[key] == nil {
		t.groups[key] = &group{key: key}
	}
	return t.groups[key]
}

// step leads from a schema into one inside it.
func step(path []string, by way, from *openapi3.Schema, to *openapi3.SchemaRef) []string {
	path = slices.Clone(path)
	if by == toProperty {
		name, _ := to.Extensions[goNameKey].(string)
		return append(path, name)
	}
	if len(path) == 0 {
		path = []string{""}
	}
	last := &path[len(path)-1]
	switch {
	case by == toAlternative:
		*last = alternativeName(*last, from, to)
	case by == toElement && (*last == "" || *last == "Data"):
		*last = "Item"
	case by == toElement:
		*last = exported(singular(split(*last)))
	}
	return path
}

// alternativeName tells an alternative from the others by its title, or what
// only it has.
func alternativeName(name string, from *openapi3.Schema, to *openapi3.SchemaRef) string {
	s, alternatives := to.Value, slices.Concat(from.OneOf, from.AnyOf)
	switch {
	case s.Title != "" && len(split(s.Title)) < 4:
		return exported(split(s.Title))
	case len(s.Properties) == 0 && len(s.Type.Slice()) > 0:
		return name + exported(s.Type.Slice()[:1])
	}
	for property, ref := range sorted(s.Properties) {
		if !slices.ContainsFunc(alternatives, func(other *openapi3.SchemaRef) bool { return other != to && other.Value.Properties[property] != nil }) {
			return fmt.Sprint(name, "With", ref.Extensions[goNameKey])
		}
	}
	return fmt.Sprint(name, "Alternative", slices.Index(alternatives, to)+1)
}
