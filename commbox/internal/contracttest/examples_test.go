package contracttest_test

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestGeneratedExamples serves the document's own examples: those of whole
// answers, and answers made of the examples of their properties.
func TestGeneratedExamples(t *testing.T) {
	t.Parallel()
	for _, m := range methods(t) {
		for code, ref := range m.op.Responses.Map() {
			status, err := strconv.Atoi(strings.ReplaceAll(code, "XX", "00"))
			if err != nil || status > 299 {
				continue
			}
			for kind, media := range ref.Value.Content {
				for _, example := range examples(media) {
					body, err := json.Marshal(example)
					if err != nil {
						t.Fatal(err)
					}
					a := answer{status: status, contentType: kind, body: string(body)}
					result, err := m.call(t, newScript(a).client(t))
					if err != nil {
						t.Errorf("%s, %d: %v\n%s", m.Name, status, err, body)
						continue
					}
					if field := result.Elem().FieldByName("JSON" + code); field.IsValid() && field.IsNil() {
						t.Errorf("%s, %d: nothing was decoded of %s", m.Name, status, body)
					}
				}
			}
		}
	}
}

func examples(media *openapi3.MediaType) (all []any) {
	if media.Example != nil {
		all = append(all, media.Example)
	}
	for _, example := range media.Examples {
		all = append(all, example.Value.Value)
	}
	if made := exampleOf(media.Schema, 0); made != nil {
		all = append(all, made)
	}
	return all
}

// exampleOf is the example of a schema, or one made of those inside it; nil if
// there are none.
func exampleOf(ref *openapi3.SchemaRef, depth int) any {
	if ref == nil || depth > 8 {
		return nil
	}
	s := ref.Value
	switch {
	case s.Example != nil:
		return s.Example
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Items != nil:
		if item := exampleOf(s.Items, depth+1); item != nil {
			return []any{item}
		}
		return nil
	case len(s.OneOf) > 0:
		return exampleOf(s.OneOf[0], depth+1)
	case len(s.AnyOf) > 0:
		return exampleOf(s.AnyOf[0], depth+1)
	}
	made := map[string]any{}
	for name, property := range s.Properties {
		if value := exampleOf(property, depth+1); value != nil {
			made[name] = value
		}
	}
	for _, part := range s.AllOf {
		if inner, ok := exampleOf(part, depth+1).(map[string]any); ok {
			maps.Copy(made, inner)
		}
	}
	if len(made) == 0 {
		return nil
	}
	return made
}
