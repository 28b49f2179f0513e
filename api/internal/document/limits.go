package document

import (
	"bytes"
	"fmt"
)

// Limits that no real document comes near. They keep a broken or hostile file
// from costing more time and memory than its size explains.
const (
	maxDepth      = 200  // nesting of one document
	maxReferences = 32   // references that lead to one another
	maxProblems   = 1000 // problems and warnings of one run
)

var tooDeep = fmt.Sprintf("nested more than %d deep", maxDepth)

// nodeLimit is how many values a document may have, after its references
// were replaced. Without any spaces real ones have one in 10 bytes.
func nodeLimit(bytes int) int { return max(50_000, bytes/8) }

// estimate is no less than the values that JSON or YAML text has, without
// parsing it, which takes memory already.
func estimate(data []byte, asJSON bool) int {
	separators := []string{",", "{", "["}
	if !asJSON {
		separators = append(separators, "\n", "- ")
	}
	n := 0
	for _, separator := range separators {
		n += 2 * bytes.Count(data, []byte(separator))
	}
	return n
}

func duplicateKey(name string) string {
	return fmt.Sprintf("the key %q stands twice in one object", name)
}
