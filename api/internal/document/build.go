// Package document makes one valid OpenAPI document from the pages and documents that
// CommBox published, which repeat each other, leave things out and contain mistakes. See
// Build.
package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// Build makes the effective document from at least one source that CommBox published, and
// the overlay that repairs it. The same inputs give the same bytes. defects are CommBox's
// defects that Build worked around, sorted by pointer. An error is of the type Problems,
// and reports everything that is wrong in one step.
func Build(sources []Input, overlay Input) (effective []byte, defects Problems, err error) {
	b := &builder{inputs: sources}
	b.readOverlay(overlay)
	everywhere := func(fix func(*place)) func() { return func() { b.walk(b.top(), fix) } }
	for _, step := range []func(){
		b.read, b.merge, b.requireOperations,
		everywhere(b.fixReference), b.normalise, b.repair,
		everywhere(b.fixKeys), b.normalise, everywhere(b.fixDangling), b.unitePaths, everywhere(b.fixPath),
		everywhere(b.fixValue), everywhere(b.fixAlternatives), everywhere(b.fixSecurity), everywhere(b.fixName), b.nameOperations,
		b.load, b.acceptBoth, b.load, b.checkExamples, b.load, b.validate,
	} {
		step()
		if len(b.problems) > 0 {
			return nil, sorted(b.defects), sorted(b.problems)
		}
	}
	return encode(b.root, 2), sorted(b.defects), nil
}

// A builder builds one document.
type builder struct {
	inputs   []Input
	sources  []*yaml.Node // documents, the most trusted first
	overlay  repairs
	root     *yaml.Node
	doc      *openapi3.T // root, as the OpenAPI library has loaded it
	defects  Problems    // these were worked around
	problems Problems    // these end the build
}

// sorted puts problems into the order of files and lines.
func sorted(problems Problems) Problems {
	slices.SortStableFunc(problems, func(x, y Problem) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Pointer, y.Pointer))
	})
	return problems
}

// A Problem is one thing that is wrong with a document: where, what, and what
// to do about it.
type Problem struct {
	File    string // name from the caller; empty if the problem is not in one file
	Line    int    // from 1; 0 if not known
	Pointer string // JSON pointer into the effective document, or empty
	What    string
	Detail  string // more about this problem; What is the same for all problems of a kind
	Fix     string // what to do; empty in a note, which is only for information
}

// Error returns one line: file, line, pointer, what is wrong, what to do.
func (p Problem) Error() string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	parts := []string{where, p.Pointer, p.What, p.Detail}
	text := strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ": ")
	if p.Fix != "" {
		text += " (" + p.Fix + ")"
	}
	return text
}

// Problems are all problems of one step, as one error.
type Problems []Problem

// Error returns one line per problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

const inOverlay = "repair it in the overlay"

// problem makes a Problem at a place. Its file and line are those of the closest node
// around the place that is in a file.
func problem(p *place, what, detail, fix string) Problem {
	found := Problem{Pointer: p.pointer(), What: what, Detail: detail, Fix: fix}
	for ; p != nil && found.File == ""; p = p.up {
		found.File, found.Line = p.node.HeadComment, p.node.Line
	}
	return found
}

// fail ends the build after the current step.
func (b *builder) fail(p *place, what, fix string) {
	b.problems = append(b.problems, problem(p, what, "", fix))
}

// defect records a defect that was worked around. what is the same for all defects of a
// kind, and detail says more about this one.
func (b *builder) defect(p *place, what, detail string) {
	b.defects = append(b.defects, problem(p, what, detail, inOverlay))
}

// note records something for information only.
func (b *builder) note(p *place, what, detail string) {
	b.defects = append(b.defects, problem(p, what, detail, ""))
}
