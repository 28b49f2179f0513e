package commboxtest

import (
	"encoding/json"
	"fmt"

	"github.com/commbox-go/client/commbox/internal/sample"
)

// Call is a request to one operation. Sent is its decoded JSON body. Sent is the zero
// value if the request had no body or broke the contract.
type Call[T any] struct {
	Request
	Sent T
}

// Calls returns the requests to the operation with that operationId, oldest first,
// including failed attempts. T is the type of their JSON body, for instance a type of
// package gen; use any if there is no body. Calls panics if the document has no such
// operation, or if a body cannot be decoded into a T.
func Calls[T any](s *Server, operationID string) []Call[T] {
	if !s.doc.has(operationID) {
		panic(fmt.Sprintf("commboxtest: the document has no operation %q", operationID))
	}
	var calls []Call[T]
	for _, r := range s.Requests() {
		if r.Operation != operationID {
			continue
		}
		call := Call[T]{Request: r}
		if sample.IsJSON(r.Header.Get("Content-Type")) && r.Body != nil {
			if err := json.Unmarshal(r.Body, &call.Sent); err != nil {
				panic(fmt.Sprintf("commboxtest: the body of %s in a %T: %v", operationID, call.Sent, err))
			}
		}
		calls = append(calls, call)
	}
	return calls
}
