package sample_test

import (
	"encoding/json"
	"testing"

	"github.com/commbox-go/client/commbox/internal/sample"
)

// Each row is a schema and the value that is made for it.
func TestContent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ schema, want string }{
		"example":                   {`{"type":"integer","example":257250616863050}`, `257250616863050`},
		"example that contradicts":  {`{"type":"integer","example":"seven"}`, `1`},
		"second of an enum":         {`{"type":"string","enum":["a","bc"],"minLength":2}`, `"bc"`},
		"length":                    {`{"type":"string","minLength":6,"maxLength":6}`, `"texttt"`},
		"format":                    {`{"type":"string","format":"date"}`, `"2025-02-06"`},
		"bounds":                    {`{"type":"number","minimum":2,"exclusiveMinimum":true,"maximum":2.5}`, `2.5`},
		"required and not declared": {`{"type":"object","required":["a"]}`, `{"a":"text"}`},
		"only what is answered":     {`{"type":"object","properties":{"a":{"type":"string","writeOnly":true},"b":{"type":"boolean"}}}`, `{"b":true}`},
		"one of two that overlap":   {`{"oneOf":[{"type":"object"},{"type":"object","properties":{"a":{"type":"string"}}}]}`, `{"a":null}`},
		"all of":                    {`{"allOf":[{"type":"object","properties":{"a":{"type":"boolean"}}},{"type":"object","properties":{"b":{"type":"boolean"}}}]}`, `{"a":true,"b":true}`},
		"an item":                   {`{"type":"array","items":{"type":"boolean"}}`, `[true]`},
		"nothing said":              {`{}`, `"text"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := sample.Load([]byte(`{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{},"components":{"schemas":{"X":` + tt.schema + `}}}`))
			if err != nil {
				t.Fatal(err)
			}
			schema := doc.Components.Schemas["X"]
			value := doc.Content(sample.Answer, schema, nil, nil, 0)
			got, err := json.Marshal(value)
			if err != nil || string(got) != tt.want {
				t.Errorf("%s, %v, want %s", got, err, tt.want)
			}
			if err := doc.Check(sample.Answer, schema.Value, value); err != nil {
				t.Error(err)
			}
		})
	}
}
