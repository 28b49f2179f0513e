package golang

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

const (
	goNameKey    = "x-go-name"
	extraTagsKey = "x-oapi-codegen-extra-tags"
)

// inFunctions are names that the generated functions use for something else.
const inFunctions = " body bodyReader bytes buf c contentType context ctx err fmt http io json operationPath params queryURL queryValues req " +
	"reqEditors response rsp runtime server serverURL strings url wire xml "

// nameParameters gives the parameters of operations their names: those of a
// path are arguments, the others are fields. The names of arguments are no
// part of Go's contract, so their words may come from the whole document.
func nameParameters(doc *openapi3.T) {
	everything, _ := json.Marshal(doc) // it came from JSON
	known := newVocabulary(string(everything))
	for op := range operations(doc) {
		arguments, fields, wires := naming{}, naming{}, map[string]bool{}
		for _, ref := range op.Parameters {
			p := ref.Value
			given, _ := p.Extensions[goNameKey].(string)
			if p.In == openapi3.ParameterInPath {
				if p.Schema == nil { // a path is text
					p.Schema, p.Content = openapi3.NewSchemaRef("", openapi3.NewStringSchema()), nil
				}
				name := given
				if name == "" {
					name = exported(known.words(p.Name))
				}
				if v := codegen.LowercaseFirstCharacters(name); codegen.IsGoKeyword(v) || strings.Contains(inFunctions, " "+v+" ") {
					name += "Param"
				}
				p.Extensions[goNameKey] = arguments.first(name)
				continue
			}
			if name := fieldName(fields, given, p.Name, p.Description); name != "" {
				p.Extensions[goNameKey] = name
			}
			if wires[p.Name] { // in another place: a struct has one field with this name in JSON
				p.Extensions[extraTagsKey] = map[string]any{"json": "-"}
			}
			wires[p.Name] = true
		}
	}
}

// fieldName is the name of a field in Go. It is made of what belongs to the
// field alone, so that it stays as it is when the document grows.
func fieldName(taken naming, given, wire, description string) string {
	name := given
	if name == "" {
		name = exported(newVocabulary(description).words(wire))
	}
	if name == "" {
		return ""
	}
	return taken.first(name)
}

// nameFields gives the properties of objects their names.
func nameFields(doc *openapi3.T) {
	seen := map[*openapi3.Schema]bool{}
	var visit func(ref *openapi3.SchemaRef)
	visit = func(ref *openapi3.SchemaRef) {
		s := ref.Value
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		nameConstants(s)
		taken := naming{}
		inside(s, func(by way, wire string, ref *openapi3.SchemaRef) {
			if by == toProperty {
				given, _ := extension(ref, goNameKey).(string)
				if ref.Ref != "" {
					given, _ = ref.Extensions[goNameKey].(string)
				} else {
					delete(ref.Value.Extensions, goNameKey) // it would name the type
				}
				if name := fieldName(taken, given, wire, ref.Value.Description); name != "" {
					setExtension(ref, goNameKey, name)
				}
			}
			visit(ref)
		})
	}
	roots(doc, func(r root) { visit(r.ref) })
}

const constantsKey = "x-enum-varnames"

var beginsWithLetter = regexp.MustCompile(`^[A-Za-z]`)

// nameConstants gives the values of an enumeration names, if they are words:
// oapi-codegen would shout where CommBox does.
func nameConstants(s *openapi3.Schema) {
	s.Enum = slices.DeleteFunc(s.Enum, func(value any) bool { return value == nil })
	taken := naming{}
	var names []any
	for _, value := range s.Enum {
		text, ok := value.(string)
		if !ok || !beginsWithLetter.MatchString(text) {
			return
		}
		names = append(names, taken.first(exported(newVocabulary().words(text))))
	}
	if _, given := s.Extensions[constantsKey]; given || names == nil {
		return
	}
	if s.Extensions == nil {
		s.Extensions = map[string]any{}
	}
	s.Extensions[constantsKey] = names
}
