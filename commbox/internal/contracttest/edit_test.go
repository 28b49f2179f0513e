package contracttest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// contractEdit changes a document; op is the operation that UploadMedia calls,
// and everything is a map or a list as JSON has it.
type contractEdit func(doc, op map[string]any)

// apply changes a document in the place that UploadMedia calls.
func (e contractEdit) apply(t *testing.T, doc map[string]any, upload *contractOperation) {
	defer func() {
		if gone := recover(); gone != nil {
			t.Fatalf("the document has no place for this change any more, adapt it: %v", gone)
		}
	}()
	e(doc, contractAt(doc, "paths", upload.path, strings.ToLower(upload.method)))
}

// contractAt goes down from a value; * is its first key.
func contractAt(value map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		if key == "*" {
			key = slices.Sorted(maps.Keys(value))[0]
		}
		value = value[key].(map[string]any)
	}
	return value
}

func contractRename(object map[string]any, from, to string) {
	object[to] = object[from]
	delete(object, from)
}

// contractWithoutExamples removes what a change of a schema would have changed
// too: the examples of whole answers.
func contractWithoutExamples(value any) {
	switch value := value.(type) {
	case map[string]any:
		if value["schema"] != nil {
			delete(value, "example")
			delete(value, "examples")
		}
		for _, inner := range value {
			contractWithoutExamples(inner)
		}
	case []any:
		for _, inner := range value {
			contractWithoutExamples(inner)
		}
	}
}

func contractParameter(op map[string]any) map[string]any {
	return op["parameters"].([]any)[0].(map[string]any)
}

// contractAddStatus documents a status like the other failures.
func contractAddStatus(key string) contractEdit {
	return func(_, op map[string]any) {
		contractAt(op, "responses")[key] = map[string]any{"description": key, "content": map[string]any{"application/json": map[string]any{
			"schema": map[string]any{"$ref": "#/components/schemas/ErrorResponse"},
		}}}
	}
}
