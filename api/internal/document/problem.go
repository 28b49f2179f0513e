package document

import (
	"fmt"
	"strings"
)

// A Problem is one thing that is wrong with a document: where, what, and what
// to do about it.
type Problem struct {
	File    string // as the caller named it; empty if no one file is to blame
	Line    int    // from 1; 0 if not known
	Pointer string // JSON pointer into the effective document, or empty
	What    string
	Detail  string // more about this one; What is the same for all of a kind
	Fix     string
	Note    bool // nothing is wrong, and somebody may want to know
}

// Error is one line: file, line, pointer, what is wrong, what to do.
func (p Problem) Error() string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	var parts []string
	for _, part := range []string{where, p.Pointer, p.What, p.Detail} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	text := strings.Join(parts, ": ")
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
	found := problem(p, what, detail, "")
	found.Note = true
	b.defects = append(b.defects, found)
}
