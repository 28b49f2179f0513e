package document

import "fmt"

// Limits that no real document comes near. They keep a circle from running
// for ever.
const (
	maxDepth      = 200 // nesting of one document
	maxReferences = 32  // references that lead to one another
)

var tooDeep = fmt.Sprintf("nested more than %d deep", maxDepth)

func duplicateKey(name string) string {
	return fmt.Sprintf("the key %q stands twice in one object", name)
}
