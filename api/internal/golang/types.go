package golang

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

const schemasRef = "#/components/schemas/"

// A use is a schema that needs a type, and the path to it.
type use struct {
	ref  *openapi3.SchemaRef
	path []string // names: an operation or a component, then fields
	by   way      // the last step of the path
	sent bool     // it is sent; false: it is only read
}

// types are the types that a document needs besides its components. Their keys are shapes.
// Until a type has a name, its uses refer to its shape.
type types struct {
	schemas openapi3.Schemas  // the components
	visited map[string]bool   // components; false: it is being visited
	names   map[string]string // the component that a shape has
	uses    map[string][]use
}

// makeTypes makes components from the schemas inside other schemas for which Go needs a
// type: one component from all schemas with the same shape.
func makeTypes(doc *openapi3.T) error {
	taken := nameComponents(doc)
	t := &types{doc.Components.Schemas, map[string]bool{}, map[string]string{}, map[string][]use{}}
	for _, sent := range []bool{true, false} { // a component that is both sent and read is prepared for sending
		for _, op := range operations(doc) {
			t.operation(op, sent)
		}
	}
	for key := range sorted(t.schemas) {
		t.component(key, false)
	}
	return t.nameTypes(taken)
}

// operation prepares the schemas that an operation sends or reads.
func (t *types) operation(op operation, sent bool) {
	visit := func(ref *openapi3.SchemaRef, by way, path ...string) {
		if ref != nil {
			t.visit(use{ref, append([]string{op.OperationID}, path...), by, sent})
		}
	}
	if sent {
		for _, p := range op.Parameters {
			visit(p.Value.Schema, toProperty, exported(words(p.Value.Name)))
		}
		if op.RequestBody != nil {
			for _, media := range sorted(op.RequestBody.Value.Content) {
				visit(media.Schema, toPart) // the generator has names for bodies
			}
		}
		return
	}
	for status, answer := range sorted(op.Responses.Map()) {
		name := "Answer"
		if code, _ := strconv.Atoi(status); !strings.HasPrefix(status, "2") {
			name = exported(words(http.StatusText(code))) + name
		}
		for _, media := range sorted(answer.Value.Content) {
			visit(media.Schema, toProperty, name)
		}
	}
}

// component prepares a component at the first call. It reports whether a schema that refers
// to the component may contain itself.
func (t *types) component(key string, sent bool) (inCircle bool) {
	if done, known := t.visited[key]; known {
		return !done
	}
	t.visited[key] = false
	ref := t.schemas[key]
	u := use{ref, []string{nameOf(ref.Value.Extensions, key, "Schema")}, toPart, sent}
	inCircle = t.visit(u)
	t.visited[key] = true
	if shape := u.shape(); ref.Ref == "" && needsType(ref.Value) && t.names[shape] == "" {
		t.names[shape] = key
	}
	return inCircle
}

// visit prepares the schemas inside a schema and then the schema. It reports whether the
// schema may contain itself.
func (t *types) visit(u use) (inCircle bool) {
	if key, ok := strings.CutPrefix(u.ref.Ref, schemasRef); ok {
		return t.component(key, u.sent)
	}
	s := u.ref.Value
	if u.ref.Ref == "" {
		if !u.sent && u.by != toPart { // a reader does not need these
			s.Required, s.Nullable = nil, s.Nullable && u.by == toElement
		}
		simplify(s, u.sent)
		nameFields(s)
		nameValues(s)
	}
	if s.Extensions[goTypeKey] != nil {
		return false
	}
	inside(s, func(by way, _ string, ref *openapi3.SchemaRef) {
		inner := use{ref, step(u.path, by, ref), by, u.sent}
		if by == toPart && len(s.AllOf) == 1 {
			inner.by = toProperty // the schema has no other part
		}
		circle := t.visit(inner)
		inCircle = inCircle || by == toPart && circle
		// In a field that is only read, an absent value is the zero value, and an unreadable
		// date is no error. A field that is sent needs a pointer, to send false, 0 and "". A
		// type that contains itself needs one, too.
		if by == toProperty && !u.sent {
			if ref.Value.Format == "date" {
				set(&ref.Extensions, goTypeKey, "wire.Time")
			}
			set(&ref.Extensions, "x-go-type-skip-optional-pointer", !circle)
		}
	})
	if u.ref.Ref == "" && (u.by == toAlternative && !s.Type.Is("null") || u.by != toPart && needsType(s)) {
		u.ref.Ref = u.shape()
	}
	if shape := u.ref.Ref; shape != "" {
		t.uses[shape] = append(t.uses[shape], u)
	}
	return inCircle
}

// step returns the path of a schema that is directly inside the one at path.
func step(path []string, by way, to *openapi3.SchemaRef) []string {
	path = slices.Clone(path)
	last := &path[len(path)-1]
	switch {
	case by == toProperty:
		return append(path, to.Extensions[goNameKey].(string))
	case by == toElement && len(path) == 1:
		return append(path, "Item")
	case by == toElement:
		*last = singular(*last)
	case by == toAlternative:
		kinds := append(to.Value.Type.Slice(), "alternative")
		*last += exported(words(cmp.Or(to.Value.Title, kinds[0])))
	}
	return path
}

// shape returns a key that is equal for schemas that share a type. A schema with a name from
// the overlay shares it with no other schema. Types that are not structs are shared only if
// their fields have the same name.
func (u use) shape() string {
	s := u.ref.Value
	key := fmt.Sprintln(u.sent, s.Extensions[goTypeNameKey]) + shape(&openapi3.SchemaRef{Value: s})
	if len(s.Properties) == 0 {
		key += u.path[len(u.path)-1]
	}
	return key
}

// shape describes the Go type of a schema without names and comments.
func shape(ref *openapi3.SchemaRef) string {
	s := ref.Value
	if ref.Ref != "" {
		return ref.Ref
	}
	if own, ok := s.Extensions[goTypeKey]; ok {
		return fmt.Sprint(own, s.Nullable)
	}
	text := fmt.Sprintf("%q %v %s %q %v %v %v", s.Type.Slice(), s.Nullable, s.Format, s.Enum, s.Const, codegen.SchemaHasAdditionalProperties(s), s.Discriminator)
	inside(s, func(by way, name string, ref *openapi3.SchemaRef) {
		text += fmt.Sprintf("\n%d %q %v (%s)", by, name, slices.Contains(s.Required, name), shape(ref))
	})
	return text
}

// needsType reports whether Go needs a type with a name for a schema.
func needsType(s *openapi3.Schema) bool {
	return s.Extensions[goTypeKey] == nil && (len(s.Properties) > 0 || len(s.AllOf) > 1 || len(s.OneOf)+len(s.AnyOf)+len(s.Enum) > 0)
}

// A way leads from a schema to one that is directly inside it.
type way int

const (
	toProperty    way = iota
	toElement         // of a list or a map
	toPart            // allOf
	toAlternative     // oneOf and anyOf
)

// inside calls visit with each schema that is directly inside s. name is set for a property.
func inside(s *openapi3.Schema, visit func(by way, name string, ref *openapi3.SchemaRef)) {
	for name, property := range sorted(s.Properties) {
		visit(toProperty, name, property)
	}
	for _, element := range []*openapi3.SchemaRef{s.Items, s.AdditionalProperties.Schema} {
		if element != nil {
			visit(toElement, "", element)
		}
	}
	for _, part := range s.AllOf {
		visit(toPart, "", part)
	}
	for _, alternative := range slices.Concat(s.OneOf, s.AnyOf) {
		visit(toAlternative, "", alternative)
	}
}

// simplify unites alternatives that need no separate Go types. Alternatives of one shape
// become one. Texts and numbers become a text. Objects whose common fields have the same
// shape become one object with all fields.
func simplify(s *openapi3.Schema, sent bool) {
	s.Enum = slices.DeleteFunc(s.Enum, func(value any) bool { return value == nil })
	if !isScalar(s) || s.Type.Includes("boolean") {
		s.Enum = nil
	}
	seen, all, fields := map[string]bool{}, openapi3.SchemaRefs{}, openapi3.Schemas{}
	scalars, texts, objects := true, false, true
	for _, ref := range slices.Concat(s.OneOf, s.AnyOf) {
		if one := shape(ref); !seen[one] {
			seen[one] = true
			all = append(all, ref)
		}
		one := ref.Value
		scalars, texts = scalars && isScalar(one), texts || one.Type.Is("string")
		objects = objects && ref.Ref == "" && len(one.Properties) > 0 && len(one.AllOf)+len(one.OneOf)+len(one.AnyOf) == 0
		for name, field := range one.Properties {
			objects = objects && (fields[name] == nil || shape(fields[name]) == shape(field))
			fields[name] = field
		}
	}
	switch {
	case len(s.Properties) > 0 && !slices.ContainsFunc(all, func(ref *openapi3.SchemaRef) bool { return ref.Ref != "" || needsType(ref.Value) }):
		s.OneOf, s.AnyOf = nil, nil // they say only which fields are required
	case len(all) == 0 || s.Discriminator != nil || len(s.Properties)+len(s.AllOf) > 0 || s.Extensions[goTypeKey] != nil:
	case len(all) == 1:
		s.OneOf, s.AnyOf, s.AllOf = nil, nil, all
	case scalars && (texts || !sent):
		s.OneOf, s.AnyOf = nil, nil
		set(&s.Extensions, goTypeKey, "wire.Text")
	case objects:
		s.OneOf, s.AnyOf, s.Type, s.Properties = nil, nil, &openapi3.Types{"object"}, fields
	default:
		s.OneOf, s.AnyOf = all, nil
	}
}

func isScalar(s *openapi3.Schema) bool {
	return s.Format != "binary" && slices.ContainsFunc(s.Type.Slice(), func(t string) bool { return t != "object" && t != "array" && t != "null" })
}
