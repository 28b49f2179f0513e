package golang

import (
	"cmp"
	"errors"
	"fmt"
	gotypes "go/types"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// The generator's extensions.
const (
	goNameKey     = "x-go-name"
	goTypeKey     = "x-go-type"
	goTypeNameKey = "x-go-type-name"
)

func set(extensions *map[string]any, key string, value any) {
	if *extensions == nil {
		*extensions = map[string]any{}
	}
	(*extensions)[key] = value
}

// A naming hands out names. No two of them are equal, even if case is ignored.
type naming map[string]bool

// first returns the first name that is free, or else the last name with a number.
func (taken naming) first(names ...string) string {
	last := names[len(names)-1]
	for i := 2; ; i++ {
		for _, name := range names {
			if !taken[strings.ToLower(name)] {
				taken.take(name)
				return name
			}
		}
		names = []string{fmt.Sprint(last, i)}
	}
}

func (taken naming) take(names ...string) {
	for _, name := range names {
		taken[strings.ToLower(name)] = true
	}
}

// inFunctions are names that the generated functions use for something else.
const inFunctions = "body bodyReader bytes c contentType ctx err fmt http io json operationPath params queryURL queryValues req reqEditors " +
	"rsp runtime server serverURL strings url wire xml"

// nameParameters names the parameters of operations. Path parameters become arguments, and
// the others become fields.
func nameParameters(doc *openapi3.T) {
	for _, op := range operations(doc) {
		arguments, fields := naming{}, naming{}
		arguments.take(slices.Concat(strings.Fields(inFunctions), gotypes.Universe.Names())...)
		for _, ref := range op.Parameters {
			p := ref.Value
			name := nameOf(p.Extensions, p.Name, "Param")
			if p.In != openapi3.ParameterInPath {
				name = fields.first(name)
			} else {
				name = arguments.first(name, name+"Param")
				if p.Schema == nil { // a path is text
					p.Schema, p.Content = openapi3.NewStringSchema().NewRef(), nil
				}
			}
			set(&p.Extensions, goNameKey, name)
			if p.In != openapi3.ParameterInQuery { // a query parameter may have the same name
				set(&p.Extensions, "x-oapi-codegen-extra-tags", map[string]any{"json": "-"})
			}
		}
	}
}

// nameFields names the properties of an object.
func nameFields(s *openapi3.Schema) {
	taken := naming{}
	if codegen.SchemaHasAdditionalProperties(s) { // the generator adds these for the other properties
		taken.take("AdditionalProperties", "Get", "Set", "MarshalJSON", "UnmarshalJSON")
	}
	for wire, ref := range sorted(s.Properties) {
		given := ref.Extensions
		if ref.Ref == "" {
			given = ref.Value.Extensions
		}
		set(&ref.Extensions, goNameKey, taken.first(nameOf(given, wire, "Field")))
	}
}

// nameValues numbers the values of an enumeration that leave nothing for a Go name, such as
// values in Hebrew.
func nameValues(s *openapi3.Schema) {
	names := slices.Clone(s.Enum)
	for i, value := range s.Enum {
		if name := fmt.Sprint(value); exported(words(name)) == "" && strings.ContainsFunc(name, unicode.IsLetter) {
			names[i] = fmt.Sprint("Value", i+1)
			set(&s.Extensions, "x-enum-varnames", names)
		}
	}
}

// nameOf returns the Go name that the document gives, or else one made from the name on the
// wire.
func nameOf(extensions map[string]any, wire, otherwise string) string {
	given, _ := extensions[goNameKey].(string)
	name := cmp.Or(given, exported(words(wire)), otherwise)
	if name[0] <= '9' {
		return "N" + name
	}
	return name
}

// nameComponents names the components, and returns all names that are taken.
func nameComponents(doc *openapi3.T) naming {
	taken := naming{}
	taken.take("Client", "ClientInterface", "ClientOption", "ClientWithResponses", "ClientWithResponsesInterface", "HttpRequestDoer", "NewClient",
		"NewClientWithResponses", "RequestEditorFn", "WithBaseURL", "WithHTTPClient", "WithRequestEditorFn")
	for _, op := range operations(doc) {
		taken.take(op.OperationID+"Params", op.OperationID+"Response")
	}
	for key, ref := range sorted(doc.Components.Schemas) {
		if ref.Ref == "" {
			name := nameOf(ref.Value.Extensions, key, "Schema")
			set(&ref.Value.Extensions, goNameKey, taken.first(name, name+"Schema"))
			taken.take(key)
		}
	}
	return taken
}

// nameTypes names the types, beginning with the type with the most uses, and makes a
// component from each.
func (t *types) nameTypes(taken naming) (err error) {
	shapes := slices.SortedFunc(maps.Keys(t.uses), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(t.uses[b]), len(t.uses[a])), shorter(best(t.uses[a]), best(t.uses[b])), cmp.Compare(a, b))
	})
	for _, shape := range shapes {
		uses, name := t.uses[shape], t.names[shape]
		if name == "" {
			names, shared := candidates(uses), *uses[0].ref.Value
			name = taken.first(names...)
			if _, given := shared.Extensions[goTypeNameKey]; given && name != names[0] {
				err = errors.Join(err, fmt.Errorf("two types have the name %s: give one of them another in the overlay, with %s", names[0], goTypeNameKey))
			}
			delete(shared.Extensions, goTypeNameKey)
			delete(shared.Extensions, goNameKey) // of a field
			shared.Description = ""              // it describes only one of the uses
			t.schemas[name] = shared.NewRef()
		}
		for _, u := range uses {
			u.ref.Ref = schemasRef + name
		}
	}
	return err
}

// vague are names of fields that say nothing without the name before them.
var vague = []string{"Code", "Data", "ID", "Item", "Items", "Kind", "List", "Name", "Object", "Result", "Results", "State", "Status", "Type", "Value", "Values"}

// candidates returns names for a type, the best first. A type that only one operation or
// component uses has its name in front, so that the type keeps its name when others are
// added.
func candidates(uses []use) (names []string) {
	u := best(uses)
	if given, ok := u.ref.Value.Extensions[goTypeNameKey].(string); ok {
		return []string{given}
	}
	owners := u.path[:1]
	if slices.ContainsFunc(uses, func(other use) bool { return other.path[0] != owners[0] }) {
		owners = []string{"", owners[0]}
	}
	for _, owner := range owners {
		for i := max(1, len(u.path)-1); i > 0; i-- {
			if owner != "" || len(u.path) > 1 && !slices.Contains(vague, u.path[i]) {
				names = append(names, owner+strings.Join(u.path[i:], ""))
			}
		}
	}
	return names
}

// best returns the use that gives the shortest names.
func best(uses []use) use { return slices.MinFunc(uses, shorter) }

func shorter(a, b use) int {
	return cmp.Or(cmp.Compare(len(a.path), len(b.path)), cmp.Compare(len(a.path[len(a.path)-1]), len(b.path[len(b.path)-1])))
}
