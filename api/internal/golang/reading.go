package golang

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const skipPointerKey = "x-go-type-skip-optional-pointer"

// timeType reads a day, too. The generator's type for one refuses the whole
// answer if it is something else.
const timeType = "wire.Time"

// forReading takes the pointers out of what is only read, and strict days: what
// is absent from an answer is its zero value. What is sent needs pointers, to
// send false, 0 and "", and so does a type that contains itself.
func forReading(doc *openapi3.T) {
	sent := sentSchemas(doc)
	for name, component := range doc.Components.Schemas {
		if component.Ref != "" || sent[component.Value] {
			continue
		}
		var visit func(s *openapi3.Schema)
		visit = func(s *openapi3.Schema) {
			inside(s, func(by way, _ string, ref *openapi3.SchemaRef) {
				if by == toPart && ref.Ref == "" {
					visit(ref.Value)
				}
				if by != toProperty {
					return
				}
				if ref.Value.Format == "date" && extension(ref, goTypeKey) == nil {
					setExtension(ref, goTypeKey, timeType)
				}
				if extension(ref, skipPointerKey) == nil && !leadsTo(ref, name, doc) {
					setExtension(ref, skipPointerKey, true)
				}
			})
		}
		visit(component.Value)
	}
}

// leadsTo reports whether the type of a property contains that of a component
// by value.
func leadsTo(ref *openapi3.SchemaRef, name string, doc *openapi3.T) bool {
	seen := map[string]bool{}
	var search func(ref *openapi3.SchemaRef) bool
	search = func(ref *openapi3.SchemaRef) bool {
		if key, ok := strings.CutPrefix(ref.Ref, schemasRef); ok {
			if key == name || seen[key] {
				return key == name
			}
			seen[key] = true
		}
		found := false
		inside(ref.Value, func(by way, _ string, ref *openapi3.SchemaRef) {
			found = found || by != toElement && search(ref)
		})
		return found
	}
	return search(ref)
}
