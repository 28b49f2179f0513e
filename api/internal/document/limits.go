package document

import (
	"bytes"
	"fmt"
)

// Limits that no real document comes near. They keep a broken or hostile file
// from costing more time and memory than its size explains.
const (
	maxDepth      = 200 // nesting of one document
	maxReferences = 100 // references that lead to one another
)

var tooDeep = fmt.Sprintf("nested more than %d deep", maxDepth)

// nodeLimit is how many values a document may have, after its references
// were replaced. Indented ones have one in 12 bytes or more.
func nodeLimit(bytes int) int { return 100_000 + bytes/8 }

// estimate is no less than the values that JSON or YAML text has, without
// parsing it, which takes memory already.
func estimate(data []byte) int {
	n := 0
	for _, separator := range []string{"\n", ",", "{", "[", "- "} {
		n += bytes.Count(data, []byte(separator))
	}
	return 2 * n
}

func duplicateKey(name string) string {
	return fmt.Sprintf("the key %q stands twice in one object", name)
}
