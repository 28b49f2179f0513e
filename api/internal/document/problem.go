package document

import (
	"errors"
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

	at    int // line in the numbering of all sources, instead of File and Line
	other int // the same of another place that is named at the end of What
}

// Error is one line: file, line, pointer, what is wrong, what to do.
func (p Problem) Error() string {
	var parts []string
	switch {
	case p.File != "" && p.Line > 0:
		parts = append(parts, fmt.Sprintf("%s:%d", p.File, p.Line))
	case p.File != "":
		parts = append(parts, p.File)
	}
	if p.Pointer != "" {
		parts = append(parts, p.Pointer)
	}
	what := p.What
	if p.Detail != "" {
		what += ": " + p.Detail
	}
	if p.Fix != "" {
		what += " (" + p.Fix + ")"
	}
	return strings.Join(append(parts, what), ": ")
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

func problemAt(line int, what string) Problem {
	return Problem{at: line, What: what, Fix: "get the page again, or tell CommBox"}
}

// inFile takes an error for a problem of a file of its own, whose lines count
// from 1.
func inFile(name string, err error) Problem {
	var p Problem
	if !errors.As(err, &p) {
		p.What = err.Error()
	}
	p.File, p.Line, p.Fix = name, p.at, ""
	return p
}
