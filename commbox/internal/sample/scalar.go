package sample

import (
	"math"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// anyText is the value of a string that the document says nothing about.
const anyText = "text"

// formats has a value for each format of OpenAPI and JSON Schema.
var formats = map[string]string{
	"date-time": "2025-02-06T07:51:52.2581942Z",
	"date":      "2025-02-06",
	"time":      "07:51:52Z",
	"duration":  "PT1H",
	"uuid":      "7b5a7a0e-9f2b-4f6e-8c1d-3a4b5c6d7e8f",
	"email":     "someone@example.com",
	"hostname":  "example.com",
	"ipv4":      "127.0.0.1",
	"ipv6":      "::1",
	"uri":       "https://example.com/",
	"url":       "https://example.com/",
	"byte":      "dGV4dA==",
	"int32":     "1",
	"int64":     "1",
}

// text returns a string of the format and length that the schema demands. It ignores
// patterns: for these the document must have an example.
func text(s *openapi3.Schema) string {
	text := formats[s.Format]
	if text == "" {
		text = anyText
	}
	if missing := int(s.MinLength) - len(text); missing > 0 {
		text += strings.Repeat("t", missing)
	}
	if s.MaxLength != nil {
		text = text[:min(uint64(len(text)), *s.MaxLength)]
	}
	return text
}

// number returns a simple number within the schema's bounds.
func (m *maker) number(s *openapi3.Schema) any {
	step := 1.0
	if s.MultipleOf != nil {
		step = *s.MultipleOf
	}
	candidates := []any{step}
	for _, bound := range []*float64{s.Min, s.ExclusiveMin.Value, s.Max, s.ExclusiveMax.Value} {
		if bound != nil {
			candidates = append(candidates, *bound, (math.Floor(*bound/step)+1)*step, (math.Ceil(*bound/step)-1)*step)
		}
	}
	if s.Min != nil && s.Max != nil {
		candidates = append(candidates, (*s.Min+*s.Max)/2)
	}
	return m.firstFitting(s, candidates...)
}
