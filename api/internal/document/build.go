// Package document makes one valid OpenAPI document of what CommBox published:
// pages and documents that repeat one another, leave things out and contain
// mistakes. See Build.
package document

import (
	"cmp"
	"fmt"
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
	// All that is wrong within one step is reported at once.
	steps := [][]func(){
		{func() { b.readOverlay(overlay) }, b.read},
		{b.merge},
		{b.requireOperations},
		{func() { b.normalise(false) }},
		{b.repair},
		{
			b.fixKeys, b.fixOwnReferences, func() { b.normalise(true) }, b.findDangling, b.fixValues, b.uniteAlternatives,
			b.nameComponents, b.nameOperations, b.fixSecurity, b.checkPathParameters,
		},
		{b.checkExamples},
		{b.validate},
		{func() { effective = encode(b.root) }},
	}
	for _, step := range steps {
		for _, do := range step {
			do()
		}
		if len(b.problems) > 0 {
			return nil, b.placed(b.defects), b.placed(b.problems)
		}
	}
	return effective, b.placed(b.defects), nil
}

// A builder is a document in the making.
type builder struct {
	tree
	inputs    []Input
	sources   []source
	overlay   repairs
	positions positions
	doc       *openapi3.T // what the library makes of the tree
	defects   Problems    // worked around
	problems  Problems    // these end the build
}

// placed fills in the files and lines that the problems come from, and puts
// them into that order.
func (b *builder) placed(problems Problems) Problems {
	slices.SortStableFunc(problems, func(x, y Problem) int { return cmp.Compare(x.at, y.at) })
	for i := range problems {
		p := &problems[i]
		if name, line := b.positions.find(p.other); name != "" {
			p.What += fmt.Sprintf(" (%s:%d)", name, line)
		}
		if p.File != "" {
			continue
		}
		if p.File, p.Line = b.positions.find(p.at); p.File == "" {
			p.File = b.overlay.name
		}
	}
	return problems
}

// defect records what is worked around at a place. What is the same for all
// defects of a kind; detail says more about this one.
func (b *builder) defect(p *place, what, detail string) {
	d := p.problem(what, "repair it in the overlay: target "+p.target())
	d.Detail = detail
	b.defects = append(b.defects, d)
}

func (b *builder) fail(p *place, what, fix string) {
	b.problems = append(b.problems, p.problem(what, fix))
}

func (b *builder) failed(name string, line int, what, fix string) {
	b.problems = append(b.problems, Problem{File: name, Line: line, What: what, Fix: fix})
}

// load gives the tree to the library that the generator and the test server
// use. Nothing but the tree is ever read.
func (b *builder) load() bool {
	doc, err := openapi3.NewLoader().LoadFromData(encode(b.root))
	if err != nil {
		b.problems = append(b.problems, b.located(err))
		return false
	}
	b.doc = doc
	return true
}

func newBool(value string, line int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: value, Line: line}
}
