// Package document makes one valid OpenAPI document of what CommBox published:
// pages and documents that repeat one another, leave things out and contain
// mistakes. See Build.
package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// Build makes the effective document of what CommBox published, one source at
// least, and the overlay that repairs it. The same inputs give the same bytes.
// Defects are those of CommBox's that were worked around, by pointer; if there
// is an error it is of type Problems. What is wrong within one step is reported
// at once.
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

// A Problem is one thing that is wrong with a document: where, what, and what
// to do about it.
type Problem struct {
	File    string // as the caller named it; empty if no one file is to blame
	Line    int    // from 1; 0 if not known
	Pointer string // JSON pointer into the effective document, or empty
	What    string
	Detail  string // more about this one; What is the same for all of a kind
	Fix     string // empty in a note: nothing is wrong, and somebody may want to know
}

// Error is one line: file, line, pointer, what is wrong, what to do.
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

// Problems are all that one step found, as one error.
type Problems []Problem

// Error is one line per problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

const inOverlay = "repair it in the overlay"

// problem reports what is wrong at a place. It stands where the closest node
// around it stands that is in a file.
func problem(p *place, what, detail, fix string) Problem {
	found := Problem{Pointer: p.pointer(), What: what, Detail: detail, Fix: fix}
	for ; p != nil && found.File == ""; p = p.up {
		found.File, found.Line = p.node.HeadComment, p.node.Line
	}
	return found
}

// fail ends the build after the present step.
func (b *builder) fail(p *place, what, fix string) {
	b.problems = append(b.problems, problem(p, what, "", fix))
}

// defect records what is worked around at a place. What is the same for all
// defects of a kind; detail says more about this one.
func (b *builder) defect(p *place, what, detail string) {
	b.defects = append(b.defects, problem(p, what, detail, inOverlay))
}

// note records what nobody has to act on.
func (b *builder) note(p *place, what, detail string) {
	b.defects = append(b.defects, problem(p, what, detail, ""))
}
