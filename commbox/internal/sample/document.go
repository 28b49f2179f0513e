// Package sample makes values that an OpenAPI document allows: the answers of a
// test server, and requests for tests of all operations of a document.
package sample

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/yaml"
)

// Document is an OpenAPI 3 document. It is safe for concurrent use.
type Document struct {
	Spec *openapi3.T

	written any // with exact numbers: kin-openapi reads IDs as float64
}

// Load reads a document, JSON or YAML. One that is not valid is an error, but for
// examples that contradict their schema: these are passed over. Alternatives that
// say the same are taken for one.
func Load(data []byte) (*Document, error) {
	written, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("load the OpenAPI document: %w", err)
	}
	unite(written)
	spec, err := openapi3.NewLoader().LoadFromData(Marshal(written))
	if err != nil {
		return nil, fmt.Errorf("load the OpenAPI document: %w", err)
	}
	if err := spec.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("the OpenAPI document is not valid: %w", err)
	}
	return &Document{spec, written}, nil
}

// decode reads JSON or YAML.
func decode(data []byte) (value any, err error) {
	if value, err = DecodeJSON(data); err == nil {
		return value, nil
	}
	_, err = yaml.Unmarshal(data, &value, yaml.DecodeOpts{DisableTimestamps: true}, exact)
	return value, err
}

// DecodeJSON reads one JSON value, with its numbers as they are written.
func DecodeJSON(data []byte) (value any, err error) {
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		return nil, err // the decoder below would take no notice of what follows
	}
	err = exact(json.NewDecoder(bytes.NewReader(data))).Decode(&value)
	return value, err
}

func exact(d *json.Decoder) *json.Decoder {
	d.UseNumber()
	return d
}

// Written is the place of the document that tokens lead to, as it was written.
func (d *Document) Written(tokens ...string) any { return d.Below(d.written, tokens...) }

// Below is the place that tokens, names and indexes, lead to from another one.
// References on the way are followed. It is nil where there is none.
func (d *Document) Below(node any, tokens ...string) any {
	for _, token := range tokens {
		switch n := d.resolved(node).(type) {
		case map[string]any:
			node = n[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(n) {
				return nil
			}
			node = n[i]
		default:
			return nil
		}
	}
	return node
}

var unescapeToken = strings.NewReplacer("~1", "/", "~0", "~")

// resolved is what a node refers to, or the node itself if it is no reference.
func (d *Document) resolved(node any) any {
	const longest = 100 // chain of references; the loader refuses circles of nothing else
	for range longest {
		fields, _ := node.(map[string]any)
		ref, ok := fields["$ref"].(string)
		if !ok {
			return node
		}
		tokens := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		for i, token := range tokens {
			tokens[i] = unescapeToken.Replace(token)
		}
		node = d.Below(d.written, tokens...)
	}
	return nil
}
