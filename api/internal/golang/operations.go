package golang

import (
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// An operation is an operation of the document, with its path and method.
type operation struct {
	*openapi3.Operation
	method, path string
}

// operations returns the operations of a document, in the order of their paths.
func operations(doc *openapi3.T) (all []operation) {
	for path, item := range sorted(doc.Paths.Map()) {
		for method, op := range sorted(item.Operations()) {
			all = append(all, operation{op, method, path})
		}
	}
	return all
}

// sorted yields the elements of a map in the order of the keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// flatten copies shared parameters, bodies and answers to the places that use them, so that
// they do not become Go types.
func flatten(doc *openapi3.T) {
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, shared := range item.Parameters {
				if op.Parameters.GetByInAndName(shared.Value.In, shared.Value.Name) == nil {
					op.Parameters = append(op.Parameters, shared)
				}
			}
			for _, parameter := range op.Parameters {
				parameter.Ref = ""
			}
			if op.RequestBody != nil {
				op.RequestBody.Ref = ""
			}
			for _, answer := range op.Responses.Map() {
				own := *answer.Value
				own.Headers = nil // one of another type would be an error
				answer.Ref, answer.Value = "", &own
			}
		}
		item.Parameters = nil
	}
	schemas := openapi3.Schemas{}
	if doc.Components != nil {
		maps.Copy(schemas, doc.Components.Schemas)
	}
	doc.Components = &openapi3.Components{Schemas: schemas}
}

// nameOperations gives each operation its Go name. The name depends only on the operation,
// so that it does not change when others are added. If two operations would have the same
// name, the one whose operationId it is gets it.
func nameOperations(doc *openapi3.T) {
	taken := naming{}
	for _, asItIs := range []bool{true, false} {
		for _, op := range operations(doc) {
			if name := operationName(op); (name == op.OperationID) == asItIs {
				op.OperationID = taken.first(name, pathName(op, strings.ToLower(op.method)))
			}
		}
	}
}

// operationName returns the operationId if it begins with a verb. It returns a name made
// from the path if the operationId is only a verb, is a sentence, or says "get" although the
// operation is not a GET.
func operationName(op operation) string {
	all := words(op.OperationID)
	switch {
	case len(all) == 0, len(all) > 5, !isVerb(all[0]), op.method != http.MethodGet && strings.EqualFold(all[0], http.MethodGet):
		return pathName(op, strings.ToLower(op.method))
	case len(all) == 1:
		return pathName(op, all[0])
	default:
		return exported(all)
	}
}

func isVerb(word string) bool { return slices.Contains(verbs, strings.ToLower(word)) }

// pathName makes a name from a verb and a path, such as GetObjectIndicators. If the
// operation is not a GET and the path has a verb, that verb is used: SendWhatsappMessage.
func pathName(op operation, verb string) string {
	var subject, object []string
	segments := strings.Split(strings.Trim(op.path, "/"), "/")
	for i, segment := range segments {
		if strings.HasPrefix(segment, "{") || segment == "api" {
			continue
		}
		if i+1 < len(segments) && strings.HasPrefix(segments[i+1], "{") {
			segment = singular(segment)
		}
		subject, object = append(subject, object...), words(segment)
	}
	if len(object) > 0 && (strings.EqualFold(object[0], verb) || op.method != http.MethodGet && isVerb(object[0])) {
		verb, object = object[0], object[1:]
	}
	return exported(slices.Concat([]string{verb}, subject, object))
}
