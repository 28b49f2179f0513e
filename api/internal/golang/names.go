package golang

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// generated are the names of the types that every client has.
var generated = []string{"Client", "ClientInterface", "ClientOption", "ClientWithResponses", "ClientWithResponsesInterface", "HttpRequestDoer",
	"NewClient", "NewClientWithResponses", "RequestEditorFn", "WithBaseURL", "WithHTTPClient", "WithRequestEditorFn"}

// A naming hands out names of which no two are the same but for their case.
type naming map[string]bool

// first is the first of some names that is free, or the last with a number.
func (taken naming) first(names ...string) string {
	for _, name := range names {
		if !taken[strings.ToLower(name)] {
			taken[strings.ToLower(name)] = true
			return name
		}
	}
	last := names[len(names)-1]
	for i := 2; ; i++ {
		if name := fmt.Sprint(last, i); !taken[strings.ToLower(name)] {
			taken[strings.ToLower(name)] = true
			return name
		}
	}
}

// componentName is the name of a component in Go.
func componentName(key string, ref *openapi3.SchemaRef) string {
	if given, ok := ref.Value.Extensions[goNameKey].(string); ok {
		return given
	}
	return exported(newVocabulary(ref.Value.Description).words(key))
}

// takenNames returns the names that the generator uses, and gives the
// components theirs.
func takenNames(doc *openapi3.T) naming {
	taken := naming{}
	for _, name := range generated {
		taken.first(name)
	}
	for op := range operations(doc) {
		for _, suffix := range []string{"Params", "Response", "JSONBody", "JSONRequestBody", "MultipartBody", "MultipartRequestBody",
			"FormdataBody", "FormdataRequestBody", "TextBody", "TextRequestBody"} {
			taken[strings.ToLower(op.OperationID+suffix)] = true
		}
	}
	for key, ref := range sorted(doc.Components.Schemas) {
		name := componentName(key, ref)
		if name == "" || ref.Ref != "" {
			continue
		}
		if name = taken.first(name, name+"Schema"); name != key {
			if ref.Value.Extensions == nil {
				ref.Value.Extensions = map[string]any{}
			}
			ref.Value.Extensions[goNameKey] = name
		}
		taken[strings.ToLower(key)] = true
		taken.constants(name, ref.Value)
	}
	return taken
}

// constants keeps room for the constants of an enumeration.
func (taken naming) constants(name string, s *openapi3.Schema) {
	for _, value := range s.Enum {
		taken[strings.ToLower(name+exported(split(fmt.Sprint(value))))] = true
	}
}

// named gives the groups that have sites their names: enumerations first, for
// their constants need room, then what occurs most often.
func (t *types) named(doc *openapi3.T) (groups []*group, err error) {
	groups = slices.DeleteFunc(slices.Collect(maps.Values(t.groups)), func(g *group) bool { return len(g.sites) == 0 })
	rank := func(g *group) int {
		if isEnum(g.sites[0].ref.Value) {
			return -len(t.groups)
		}
		return -len(g.sites)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a.sites[0].path), len(b.sites[0].path)), cmp.Compare(a.key, b.key))
	})
	taken := takenNames(doc)
	for _, g := range groups {
		if g.name != "" {
			continue
		}
		names := g.names()
		if g.name = taken.first(names...); g.given() != "" && g.name != names[0] {
			err = errors.Join(err, fmt.Errorf("two types have the name %s: give one of them another in the overlay, with %s", names[0], goTypeNameKey))
		}
		taken.constants(g.name, g.sites[0].ref.Value)
	}
	return groups, err
}

// given is the name that the overlay gives, if it does.
func (g *group) given() string {
	name, _ := g.sites[0].ref.Value.Extensions[goTypeNameKey].(string)
	return name
}

// names are names for a group, the best first. What one operation or component
// needs is named after it, so that it keeps its name when others are added.
func (g *group) names() []string {
	first := g.sites[0]
	if name := g.given(); name != "" {
		return []string{name}
	}
	var names []string
	if slices.ContainsFunc(g.sites, func(at site) bool { return at.owner != first.owner }) {
		if name := g.common(); name != "" {
			names = append(names, name)
		}
	}
	path := significant(first.path)
	for i := len(path) - 1; i >= 0; i-- {
		names = append(names, under(first.owner, path[i:]))
	}
	return append(names, under(first.owner, first.path))
}

// common is a name for what several operations or components have. Where they
// call it differently, it is named after the few properties that it has.
func (g *group) common() string {
	counts := map[string]int{}
	for _, at := range g.sites {
		if path := significant(at.path); len(path) > 0 {
			counts[path[len(path)-1]]++
		}
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	properties := g.sites[0].ref.Value.Properties
	switch {
	case len(names) == 0:
		return ""
	case counts["Answer"] > 0:
		return "Answer"
	case len(names) == 1, len(properties) == 0, len(properties) > 3:
		return names[0]
	}
	var fields []string
	for _, property := range sorted(properties) {
		fields = append(fields, fmt.Sprint(property.Extensions[goNameKey]))
	}
	if len(fields) == 1 {
		fields = append(fields, "Object")
	}
	return strings.Join(fields, "")
}

// Names of properties that say nothing about what is in them, and those that
// say something only together with the one before.
var (
	generic = []string{"", "Data", "Item", "Items", "List", "Payload", "Result", "Results", "Value", "Values"}
	weak    = []string{"Code", "ID", "Kind", "Name", "State", "Status", "Type"}
)

func significant(path []string) (names []string) {
	for _, name := range path {
		switch {
		case slices.Contains(generic, name):
		case slices.Contains(weak, name) && len(names) > 0:
			names[len(names)-1] += name
		default:
			names = append(names, name)
		}
	}
	return names
}

// under is a name that begins with that of the owner, without saying a word
// twice in between.
func under(owner string, path []string) string {
	before, after := split(owner), split(strings.Join(path, " "))
	if len(before) > 0 && len(after) > 1 && before[len(before)-1] == after[0] {
		after = after[1:]
	}
	return exported(slices.Concat(before, after))
}
