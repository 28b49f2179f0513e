package contracttest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/commbox-go/client/commbox/wire"
	"github.com/getkin/kin-openapi/openapi3"
)

// contractAnswers returns the answers that a response of the document stands
// for: its examples, and what its schema allows, with strings and with numbers
// where it allows both. like says what they have in common.
func contractAnswers(r *openapi3.Response, like contractAnswer) []contractAnswer {
	var all []contractAnswer
	for _, mediaType := range slices.Sorted(maps.Keys(r.Content)) {
		content := r.Content[mediaType]
		a := like
		a.mediaType, a.schema, a.at = mediaType, content.Schema, like.at+contractPointer("content", mediaType)
		if a.schema != nil {
			a.at += "/schema"
		}
		if a.schema != nil && a.schema.Ref != "" {
			a.at = strings.TrimPrefix(a.schema.Ref, "#")
		}
		values := []any{content.Example}
		for _, name := range slices.Sorted(maps.Keys(content.Examples)) {
			values = append(values, content.Examples[name].Value.Value)
		}
		if content.Schema != nil {
			values = append(values, contractSample(content.Schema, "value", 0, nil), contractSample(content.Schema, "value", 1, nil))
		}
		for _, value := range values {
			if value == nil {
				continue
			}
			a.body, _ = json.Marshal(value)
			if text, ok := value.(string); ok && !a.isJSON() {
				a.body = []byte(text)
			}
			if !slices.ContainsFunc(all, func(b contractAnswer) bool { return b.at == a.at && bytes.Equal(a.body, b.body) }) {
				all = append(all, a)
			}
		}
	}
	if len(r.Content) == 0 {
		all = append(all, like)
	}
	return all
}

// contractSample makes a value that a schema allows: its example, or one that
// its parts make up. name is that of the property it is for, choice the
// alternative to take, above the schemas around it.
func contractSample(ref *openapi3.SchemaRef, name string, choice int, above []*openapi3.Schema) any {
	s := ref.Value
	above = append(slices.Clip(above), s)
	pick := func(refs openapi3.SchemaRefs) any {
		return contractSample(refs[min(choice, len(refs)-1)], name, choice, above)
	}
	switch {
	case s.Example != nil:
		return s.Example
	case len(s.Enum) > 0:
		return s.Enum[min(choice, len(s.Enum)-1)]
	case len(above) > 5:
		return nil
	case len(s.OneOf) > 0:
		return pick(s.OneOf)
	case len(s.AnyOf) > 0:
		return pick(s.AnyOf)
	case s.Type.Is("array"):
		if s.Items == nil || slices.Contains(above, s.Items.Value) {
			return []any{}
		}
		return []any{contractSample(s.Items, name, choice, above)}
	case s.Type.Is("object"), s.Type == nil && len(s.Properties) > 0, len(s.AllOf) > 0:
		fields := make(map[string]any)
		for _, part := range s.AllOf {
			sample := contractSample(part, name, choice, above)
			inherited, isObject := sample.(map[string]any)
			if !isObject && sample != nil {
				return sample
			}
			maps.Copy(fields, inherited)
		}
		for name, property := range s.Properties {
			if !property.Value.WriteOnly && !slices.Contains(above, property.Value) {
				fields[name] = contractSample(property, name, choice, above)
			}
		}
		return fields
	case s.Type.Is("integer"), s.Type.Is("number"):
		return 4711
	case s.Type.Is("boolean"):
		return true
	case s.Type.Is("string"):
		return contractText(s.Format, name)
	}
	return nil
}

// contractText is a string of a format, and otherwise one that tells what it
// is for.
func contractText(format, name string) string {
	switch format {
	case "date-time":
		return "2025-02-06T07:51:52.2581942Z"
	case "date":
		return "2025-02-06"
	case "byte":
		return "dGV4dA=="
	default:
		return "some " + name
	}
}

// contractLost returns the places of everything in want that is not in got.
// Strings are as good as numbers, times compare as instants, and what is empty
// may be missing.
func contractLost(want, got any, at string) (lost []string) {
	if want == nil {
		return nil
	}
	switch want := want.(type) {
	case map[string]any:
		got, _ := got.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(want)) {
			lost = append(lost, contractLost(want[name], got[name], at+contractPointer(name))...)
		}
	case []any:
		got, _ := got.([]any)
		for i := range want {
			var item any
			if i < len(got) {
				item = got[i]
			}
			lost = append(lost, contractLost(want[i], item, at+contractPointer(fmt.Sprint(i)))...)
		}
	default:
		empty := got == nil && (want == "" || want == false || want == json.Number("0"))
		if !empty && !contractSame(fmt.Sprint(want), fmt.Sprint(got)) {
			lost = append(lost, at)
		}
	}
	return lost
}

func contractSame(a, b string) bool {
	if at := wire.ParseTime(a); !at.IsZero() {
		return at.Equal(wire.ParseTime(b))
	}
	x, isNumber := new(big.Rat).SetString(a)
	y, too := new(big.Rat).SetString(b)
	return a == b || isNumber && too && x.Cmp(y) == 0
}

// contractJSON decodes, without rounding numbers.
func contractJSON(data []byte) (value any) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	_ = d.Decode(&value) // of another test's making
	return value
}

// contractPair is a generated type with the schema that it is for.
type contractPair struct {
	reflect.Type
	*openapi3.Schema
}

// checkType compares a generated type with the schema that it is for: names
// of properties, times, and the kinds of plain values. What the generator has
// more than one way to write is left to it.
func (c *contract) checkType(what string, t reflect.Type, ref *openapi3.SchemaRef, at string) {
	if ref == nil || c.compared[contractPair{t, ref.Value}] {
		return
	}
	c.compared[contractPair{t, ref.Value}] = true
	if ref.Ref != "" {
		at = strings.TrimPrefix(ref.Ref, "#")
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	s := ref.Value
	isTime, wantsTime := t == reflect.TypeFor[wire.Time](), s.Type.Is("string") && s.Format == "date-time"
	number, text := s.Type.Is("integer") || s.Type.Is("number"), s.Type.Is("string") && s.Format == ""
	switch {
	case s.Extensions["x-go-type"] != nil, len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0:
	case isTime && !wantsTime:
		c.breach(at, "gen.%s is a time, and the document has a %v of format %q: run make generate, and see what reads it", what, s.Type, s.Format)
	case wantsTime && !isTime:
		c.breach(at, "gen.%s is a %v, and the document has a date-time: run make generate, and see what reads it", what, t)
	case number && t.Kind() == reflect.String, text && t.Kind() != reflect.String, s.Type.Is("boolean") && t.Kind() != reflect.Bool:
		c.breach(at, "gen.%s is a %v, and the document has a %v: run make generate, and see what reads it", what, t, s.Type)
	case s.Type.Is("array") && t.Kind() == reflect.Slice:
		c.checkType(what+"[]", t.Elem(), s.Items, at+"/items")
	case t.Kind() == reflect.Struct && len(s.Properties) > 0:
		c.checkFields(what, t, s, at)
	}
}

// checkFields compares the fields of a struct with the properties of a schema.
func (c *contract) checkFields(what string, t reflect.Type, s *openapi3.Schema, at string) {
	fields := make(map[string]reflect.StructField)
	for field := range t.Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = field
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		pointer := at + contractPointer("properties", name)
		field, ok := fields[name]
		if !ok {
			c.breach(pointer, "gen.%s has no field for %q: run make generate, and see what reads it", what, name)
			continue
		}
		delete(fields, name)
		c.checkType(what+"."+field.Name, field.Type, s.Properties[name], pointer)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		c.breach(at+"/properties", "gen.%s has the field %s for %q, which the document does not have: run make generate, and see what reads it",
			what, fields[name].Name, name)
	}
}
