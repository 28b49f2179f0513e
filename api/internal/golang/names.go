package golang

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The generator's extensions.
const (
	goNameKey      = "x-go-name"
	goTypeKey      = "x-go-type"
	goTypeNameKey  = "x-go-type-name"
	extraTagsKey   = "x-oapi-codegen-extra-tags"
	skipPointerKey = "x-go-type-skip-optional-pointer"
	constantsKey   = "x-enum-varnames"
)

func set(extensions *map[string]any, key string, value any) {
	if *extensions == nil {
		*extensions = map[string]any{}
	}
	(*extensions)[key] = value
}

// A naming hands out names of which no two are the same but for their case.
type naming map[string]bool

// first is the first of some names that is free, or the last with a number.
func (taken naming) first(names ...string) string {
	last := names[len(names)-1]
	for i := 2; slices.IndexFunc(names, taken.free) < 0; i++ {
		names = []string{fmt.Sprint(last, i)}
	}
	name := names[slices.IndexFunc(names, taken.free)]
	taken.take(name)
	return name
}

func (taken naming) free(name string) bool { return !taken[strings.ToLower(name)] }

func (taken naming) take(names ...string) {
	for _, name := range names {
		taken[strings.ToLower(name)] = true
	}
}

// inFunctions are names that the generated functions use for something else, and
// what Go uses.
const inFunctions = "body bodyReader bytes c contentType ctx err fmt http io json operationPath params queryURL queryValues req reqEditors " +
	"rsp runtime server serverURL strings url wire xml default for func go import interface map package range return select struct type var"

// nameParameters gives the parameters of operations their names: those of a
// path are arguments, the others are fields.
func nameParameters(doc *openapi3.T) {
	for op := range operations(doc) {
		arguments, fields := naming{}, naming{}
		arguments.take(strings.Fields(inFunctions)...)
		for _, ref := range op.Parameters {
			p := ref.Value
			name, given := p.Extensions[goNameKey].(string)
			if !given {
				name = cmp.Or(exported(words(p.Name)), "Param")
			}
			switch p.In {
			case openapi3.ParameterInPath:
				name = arguments.first(name, name+"Param")
				if p.Schema == nil { // a path is text
					p.Schema, p.Content = openapi3.NewStringSchema().NewRef(), nil
				}
			case openapi3.ParameterInQuery:
				name = fields.first(name)
			default: // it may be called like one of the query
				name = fields.first(name)
				set(&p.Extensions, extraTagsKey, map[string]any{"json": "-"})
			}
			set(&p.Extensions, goNameKey, name)
		}
	}
}

// nameFields gives the properties of an object their names.
func nameFields(s *openapi3.Schema) {
	taken := naming{}
	for wire, ref := range sorted(s.Properties) {
		name, _ := ref.Extensions[goNameKey].(string)
		if ref.Ref == "" && ref.Value.Extensions[goNameKey] != nil {
			name, _ = ref.Value.Extensions[goNameKey].(string)
			delete(ref.Value.Extensions, goNameKey) // it would name the type
		}
		set(&ref.Extensions, goNameKey, taken.first(cmp.Or(name, exported(words(wire)), "Field")))
	}
}

// nameConstants gives the texts of an enumeration names: the generator would
// shout where CommBox does.
func nameConstants(s *openapi3.Schema) {
	s.Enum = slices.DeleteFunc(s.Enum, func(value any) bool { return value == nil })
	if s.Type.Includes("boolean") || s.Type.Includes("array") || s.Type.Includes("object") {
		s.Enum = nil
	}
	if s.Extensions[constantsKey] != nil || !s.Type.Includes("string") || s.Enum == nil {
		return
	}
	taken := naming{}
	var names []any
	for _, value := range s.Enum {
		names = append(names, taken.first(cmp.Or(exported(words(fmt.Sprint(value))), "Empty")))
	}
	set(&s.Extensions, constantsKey, names)
}

// nameComponents gives the components their names and returns all names that
// are taken.
func nameComponents(doc *openapi3.T) naming {
	taken := naming{}
	taken.take("Client", "ClientInterface", "ClientOption", "ClientWithResponses", "ClientWithResponsesInterface", "HttpRequestDoer", "NewClient",
		"NewClientWithResponses", "RequestEditorFn", "WithBaseURL", "WithHTTPClient", "WithRequestEditorFn")
	for op := range operations(doc) {
		for _, suffix := range []string{"Params", "Response", "JSONBody", "JSONRequestBody", "MultipartBody", "MultipartRequestBody",
			"FormdataBody", "FormdataRequestBody", "TextBody", "TextRequestBody"} {
			taken.take(op.OperationID + suffix)
		}
	}
	for key, ref := range sorted(doc.Components.Schemas) {
		if ref.Ref == "" {
			name := componentName(key, ref)
			set(&ref.Value.Extensions, goNameKey, taken.first(name, name+"Schema"))
			taken.take(key)
		}
	}
	return taken
}

func componentName(key string, ref *openapi3.SchemaRef) string {
	given, _ := ref.Value.Extensions[goNameKey].(string)
	return cmp.Or(given, exported(words(key)), "Schema")
}

// nameTypes gives the groups their names, beginning with what occurs most
// often, and makes a component of each.
func (t *types) nameTypes(doc *openapi3.T, taken naming) (err error) {
	groups := slices.Clone(t.order)
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(len(b.uses), len(a.uses)), cmp.Compare(len(a.shortest().path), len(b.shortest().path)))
	})
	for _, g := range groups {
		first := g.uses[0].ref.Value
		if g.component == "" {
			names, shared := g.names(), *first
			g.component = taken.first(names...)
			if _, given := first.Extensions[goTypeNameKey]; given && g.component != names[0] {
				err = errors.Join(err, fmt.Errorf("two types have the name %s: give one of them another in the overlay, with %s", names[0], goTypeNameKey))
			}
			delete(shared.Extensions, goTypeNameKey)
			if slices.ContainsFunc(g.uses, func(u use) bool { return u.ref.Value.Description != first.Description }) {
				shared.Description = "" // it tells of one place only
			}
			doc.Components.Schemas[g.component] = shared.NewRef()
		}
		for _, u := range g.uses {
			u.ref.Ref = schemasRef + g.component
		}
	}
	return err
}

// vague are fields whose names say nothing without what is before them.
var vague = []string{"Code", "Data", "ID", "Item", "Items", "Kind", "List", "Name", "Object", "Result", "Results", "State", "Status", "Type", "Value", "Values"}

// names are names for a group, the best first. What one operation or component
// needs is named after it, so that it keeps its name when others are added.
func (g *group) names() (names []string) {
	u := g.shortest()
	if given, ok := u.ref.Value.Extensions[goTypeNameKey].(string); ok {
		return []string{given}
	}
	for i := len(u.path) - 1; i >= 0 && slices.ContainsFunc(g.uses, func(o use) bool { return o.owner != u.owner }); i-- {
		if !slices.Contains(vague, u.path[i]) {
			names = append(names, strings.Join(u.path[i:], ""))
		}
	}
	for i := len(u.path) - 1; i >= 0; i-- {
		names = append(names, u.owner+strings.Join(u.path[i:], ""))
	}
	return names
}

// shortest is the use that has the shortest name.
func (g *group) shortest() use {
	return slices.MinFunc(g.uses, func(a, b use) int {
		return cmp.Or(cmp.Compare(len(a.path), len(b.path)), cmp.Compare(len(a.path[len(a.path)-1]), len(b.path[len(b.path)-1])))
	})
}
