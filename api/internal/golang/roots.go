package golang

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A root is a schema that no other schema contains.
type root struct {
	ref   *openapi3.SchemaRef
	owner string   // the operation or component that types inside it are named after
	path  []string // what leads to it from there; nil: it has a name
	inner []string // what leads to the schemas inside it
	sent  bool     // rather than only read
}

// roots yields the roots of a document, components first.
func roots(doc *openapi3.T, yield func(root)) {
	sent := sentSchemas(doc)
	for name, ref := range sorted(doc.Components.Schemas) {
		yield(root{ref: ref, owner: componentName(name, ref), sent: sent[ref.Value]})
	}
	operationRoots(doc, yield)
}

func operationRoots(doc *openapi3.T, yield func(root)) {
	content := func(media openapi3.Content, r root) {
		for _, kind := range sorted(media) {
			if r.ref = kind.Schema; r.ref != nil {
				yield(r)
			}
		}
	}
	for op := range operations(doc) {
		for _, p := range op.Parameters {
			path := []string{exported(split(p.Value.Name))}
			r := root{ref: p.Value.Schema, owner: op.OperationID, path: path, inner: path, sent: true}
			if r.ref != nil {
				yield(r)
			}
			content(p.Value.Content, r)
		}
		if op.RequestBody != nil {
			content(op.RequestBody.Value.Content, root{owner: op.OperationID, sent: true})
		}
		for status, answer := range sorted(op.Responses.Map()) {
			content(answer.Value.Content, root{owner: op.OperationID, path: answerPath(status)})
		}
	}
}

// answerPath leads to the answer of a status.
func answerPath(status string) []string {
	code, _ := strconv.Atoi(status)
	name := exported(split(http.StatusText(code)))
	switch {
	case status == "200":
		return []string{"Answer"}
	case strings.HasPrefix(status, "2"):
		return []string{name, "Answer"}
	default:
		return []string{name, "ErrorAnswer"}
	}
}

// sentSchemas returns what requests are made of.
func sentSchemas(doc *openapi3.T) map[*openapi3.Schema]bool {
	sent := map[*openapi3.Schema]bool{}
	var mark func(ref *openapi3.SchemaRef)
	mark = func(ref *openapi3.SchemaRef) {
		if !sent[ref.Value] {
			sent[ref.Value] = true
			inside(ref.Value, func(_ way, _ string, ref *openapi3.SchemaRef) { mark(ref) })
		}
	}
	operationRoots(doc, func(r root) {
		if r.sent {
			mark(r.ref)
		}
	})
	return sent
}
