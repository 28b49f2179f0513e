// Package document makes one valid OpenAPI document of what CommBox published:
// pages and documents that repeat one another, leave things out and contain
// mistakes. See Build.
package document

import (
	"cmp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// Build makes the effective document of what CommBox published and the
// overlay that repairs it. The same inputs give the same bytes. Defects are
// those of CommBox's that were worked around, by pointer; if there is an error
// it is of type Problems.
func Build(sources []Input, overlay Input) (effective []byte, defects Problems, err error) {
	b := &builder{inputs: sources}
	b.readOverlay(overlay)
	everywhere := func(fix func(*place)) func() { return func() { b.walk(b.top(), fix) } }
	for _, step := range []func(){
		b.read, b.merge, b.requireOperations,
		everywhere(b.fixReference), b.normalise, b.repair,
		everywhere(b.fixKeys), b.normalise, everywhere(b.fixDangling),
		everywhere(b.fixValue), everywhere(b.fixAlternatives), everywhere(b.fixSecurity), b.nameComponents, b.nameOperations,
		b.load, b.acceptBoth, b.load, b.checkExamples, b.load, b.validate,
	} {
		step()
		if len(b.problems) > 0 {
			return nil, sorted(b.defects), sorted(b.problems)
		}
	}
	return encode(b.root), sorted(b.defects), nil
}

// A builder is a document in the making.
type builder struct {
	inputs   []Input
	sources  []*yaml.Node // documents, the most trusted first
	overlay  repairs
	root     *yaml.Node
	grammar  grammar
	doc      *openapi3.T // what the library makes of the root
	defects  Problems    // worked around
	problems Problems    // these end the build
}

// sorted puts problems into the order of files and lines.
func sorted(problems Problems) Problems {
	slices.SortStableFunc(problems, func(x, y Problem) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Pointer, y.Pointer))
	})
	return problems
}
