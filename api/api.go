// Package api holds the effective OpenAPI document. It is made from what CommBox
// published (published/) and the repairs in overlay.yaml. The client in package gen
// is generated from it. Do not edit openapi.json: run make generate.
//
// Package commbox does not import this package, so that programs do not compile an
// OpenAPI library. Test servers and contract tests import it.
package api

import (
	_ "embed"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed openapi.json
var document string

// Document returns the effective document as JSON. The caller may change the
// slice.
func Document() []byte {
	return []byte(document)
}

// Load parses the effective document and resolves its references. Every call returns
// a new document, which is safe for concurrent reading. The document in the
// repository always loads and is valid, including its examples. An error means that
// openapi.json was edited by hand.
func Load() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(Document())
	if err != nil {
		return nil, fmt.Errorf("load the effective document: %w", err)
	}
	return doc, nil
}
