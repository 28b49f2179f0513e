package sample

import (
	"math"
	"regexp/syntax"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// anyText is what a string is where the document says nothing about it.
const anyText = "text"

// formats are plausible values of the formats that OpenAPI and JSON Schema know.
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

// text is a string that the schema allows.
func text(s *openapi3.Schema) string {
	plain := formats[s.Format]
	if plain == "" {
		plain = anyText
	}
	candidates := []string{plain, stretched(plain, s)}
	if s.Pattern != "" {
		matching := fromPattern(s.Pattern)
		candidates = append(candidates, matching, stretched(matching, s))
	}
	for _, c := range candidates {
		if s.IsMatchingJSONString(c) {
			return c
		}
	}
	return stretched(plain, s)
}

// stretched is a text with the length that the schema demands.
func stretched(text string, s *openapi3.Schema) string {
	if missing := int64(s.MinLength) - int64(len(text)); missing > 0 {
		last := "t"
		if text != "" {
			last = text[len(text)-1:]
		}
		text += strings.Repeat(last, int(missing))
	}
	if s.MaxLength != nil {
		text = text[:min(uint64(len(text)), *s.MaxLength)]
	}
	return text
}

// fromPattern is a short text that matches a regular expression, "" for one that
// is none of Go's.
func fromPattern(pattern string) string {
	expr, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	return shortest(expr)
}

func shortest(expr *syntax.Regexp) string {
	switch expr.Op {
	case syntax.OpLiteral:
		return string(expr.Rune)
	case syntax.OpCharClass:
		return string(inClass(expr.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture, syntax.OpPlus:
		return shortest(expr.Sub[0])
	case syntax.OpAlternate:
		return shortest(expr.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(shortest(expr.Sub[0]), expr.Min)
	case syntax.OpConcat:
		var b strings.Builder
		for _, part := range expr.Sub {
			b.WriteString(shortest(part))
		}
		return b.String()
	}
	return "" // anchors, and what may be left out
}

// inClass is a character of a class, one that can be read if there is one.
func inClass(ranges []rune) rune {
	for _, good := range "a1A" {
		for i := 0; i < len(ranges); i += 2 {
			if ranges[i] <= good && good <= ranges[i+1] {
				return good
			}
		}
	}
	return ranges[0]
}

// number is the plainest number within the schema's bounds.
func number(s *openapi3.Schema, whole bool) float64 {
	low, high := 0.0, 0.0
	if s.Min != nil {
		low, high = *s.Min, *s.Min+2
	}
	if s.ExclusiveMin.Value != nil {
		low, high = *s.ExclusiveMin.Value, *s.ExclusiveMin.Value+2
	}
	if s.Max != nil {
		high = *s.Max
	}
	if s.ExclusiveMax.Value != nil {
		high = *s.ExclusiveMax.Value
	}
	candidates := []float64{1, low, low + 1, math.Ceil(low), math.Floor(high), high, high - 1, (low + high) / 2}
	if s.MultipleOf != nil {
		step := *s.MultipleOf
		candidates = append(candidates, step, math.Ceil(low/step)*step, (math.Floor(low/step)+1)*step, math.Floor(high/step)*step)
	}
	for _, n := range candidates {
		if (!whole || n == math.Trunc(n)) && s.IsMatchingJSONNumber(n) {
			return n
		}
	}
	return low
}
