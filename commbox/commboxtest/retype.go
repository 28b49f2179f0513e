package commboxtest

import (
	"encoding/json"
	"regexp"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// answerSchema returns the schema of an answer, or nil if the document has none.
func (x *exchange) answerSchema(a *answer) *openapi3.SchemaRef {
	if x.target.route == nil || x.target.route.Operation == nil {
		return nil
	}
	r := documented(x.target.route.Operation, a.status)
	if r == nil {
		return nil
	}
	content := r.Value.Content.Get(a.header.Get("Content-Type"))
	if content == nil {
		return nil
	}
	return content.Schema
}

var zone = regexp.MustCompile(`(Z|[+-]\d\d:\d\d)$`)

// loosened returns the value with the other type wherever the schema allows a string
// and a number, and with times without a zone.
func loosened(value any, ref *openapi3.SchemaRef) any {
	if ref == nil {
		return value
	}
	s := ref.Value
	for _, part := range s.AllOf {
		value = loosened(value, part)
	}
	switch v := value.(type) {
	case map[string]any:
		for name := range v {
			v[name] = loosened(v[name], s.Properties[name])
		}
	case []any:
		for i := range v {
			v[i] = loosened(v[i], s.Items)
		}
	case string:
		if _, err := time.Parse(time.RFC3339, v); err == nil && s.Format == "date-time" {
			return zone.ReplaceAllString(v, "")
		}
		if json.Valid([]byte(v)) && s.IsMatching(json.Number(v)) && !s.Type.Is(openapi3.TypeString) {
			return json.Number(v)
		}
	case json.Number:
		if s.IsMatching(v.String()) {
			return v.String()
		}
	}
	return value
}

// wronged returns the value with its fields changed from lists to objects, and from
// objects to lists.
func wronged(value any) any {
	fields, ok := value.(map[string]any)
	if !ok {
		return map[string]any{"value": value}
	}
	for name, field := range fields {
		switch v := field.(type) {
		case []any:
			fields[name] = map[string]any{"items": v}
		case map[string]any:
			fields[name] = []any{v}
		}
	}
	return fields
}
