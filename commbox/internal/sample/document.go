// Package sample makes values that an OpenAPI document allows, for the answers of
// a test server and the requests of its tests.
package sample

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Document is an OpenAPI 3 document. It is safe for concurrent use.
type Document struct{ *openapi3.T }

// Load reads a document, JSON or YAML. It returns an error if the document is not
// valid. Examples may contradict their schema.
func Load(data []byte) (*Document, error) {
	spec, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("load the OpenAPI document: %w", err)
	}
	if err := spec.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("the OpenAPI document is not valid: %w", err)
	}
	return &Document{spec}, nil
}

// DecodeJSON reads one JSON value. Numbers become json.Number.
func DecodeJSON(data []byte) (value any, err error) {
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		return nil, err // the decoder below would ignore anything after the value
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	err = d.Decode(&value)
	return value, err
}

// Use says what a value is for: some parts of a schema are only for requests, some
// only for answers.
type Use int

// The two uses of a value.
const (
	Answer Use = iota
	Request
)

// Check returns an error if a value breaks a schema.
func (d *Document) Check(use Use, s *openapi3.Schema, value any, opts ...openapi3.SchemaValidationOption) error {
	if use == Request {
		opts = append(opts, openapi3.VisitAsRequest())
	} else {
		opts = append(opts, openapi3.VisitAsResponse())
	}
	if d.IsOpenAPI31OrLater() {
		opts = append(opts, openapi3.EnableJSONSchema2020())
	}
	return s.VisitJSON(value, opts...)
}

// Content returns a value for a content, header or parameter: an example that fits
// the schema, or else a value made from the schema. status is the status code of an
// answer, for its envelope, or 0.
func (d *Document) Content(use Use, schema *openapi3.SchemaRef, example any, examples openapi3.Examples, status int) any {
	var shown []any
	if example != nil {
		shown = append(shown, example)
	}
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		shown = append(shown, examples[name].Value.Value)
	}
	m := &maker{doc: d, use: use, status: status, left: 5000}
	for _, value := range shown {
		if schema == nil || m.fits(schema.Value, value) {
			return value
		}
	}
	if schema == nil {
		return map[string]any{}
	}
	value := m.value(schema.Value)
	if len(shown) > 0 && !m.fits(schema.Value, value) {
		return shown[0] // nothing fits, so use an example
	}
	return value
}
