// Package document makes one valid OpenAPI document of what CommBox published:
// pages and documents that repeat one another, leave things out and contain
// mistakes. See Build.
package document

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// Build makes the effective document of what CommBox published and the
// overlay that repairs it. The same inputs give the same bytes. Warnings are
// defects that were mended; if there is an error it is of type Problems.
func Build(sources []Input, overlay Input) (effective []byte, warnings Problems, err error) {
	b := &builder{overlay: overlay.Name}
	effective, warnings, problems := b.build(sources, overlay)
	if len(problems) > 0 {
		return nil, b.placed(warnings), b.placed(problems)
	}
	return effective, b.placed(warnings), nil
}

type builder struct {
	positions positions
	overlay   string
}

func (b *builder) build(sources []Input, overlay Input) (effective []byte, warnings, problems Problems) {
	t, problems := b.read(sources)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	m, problems := t.prepare(overlay)
	if len(problems) > 0 {
		return nil, m.warnings, problems
	}
	doc, err := t.load()
	if err != nil {
		return nil, m.warnings, Problems{t.located(err)}
	}
	m.examples(doc)
	if doc, err = t.load(); err != nil {
		return nil, m.warnings, Problems{t.located(err)}
	}
	return encode(t.root), m.warnings, t.validate(doc)
}

// prepare makes a document of the tree that means what CommBox meant: it
// normalises the references, applies the overlay and mends what is left.
func (t tree) prepare(overlay Input) (*mender, Problems) {
	m := &mender{tree: t}
	if _, problems := t.normalise(false); len(problems) > 0 {
		return m, problems
	}
	warnings, problems := t.repair(overlay)
	if m.warnings = warnings; len(problems) > 0 {
		return m, problems
	}
	m.walk(m.top(), m.keys) // first, for it brings more references to light
	warnings, problems = t.normalise(true)
	if m.warnings = append(m.warnings, warnings...); len(problems) > 0 {
		return m, problems
	}
	m.problems = append(m.problems, t.unresolved()...)
	m.walk(m.top(), m.visit)
	m.names()
	m.operations()
	return m, m.problems
}

// read parses and unites the sources.
func (b *builder) read(sources []Input) (tree, Problems) {
	var problems Problems
	var roots []*yaml.Node
	size := 0
	if len(sources) == 0 {
		return tree{}, Problems{{What: "there is no source", Fix: "save a page of CommBox's API documentation"}}
	}
	for _, source := range sources {
		root, err := read(source, &b.positions)
		if err != nil {
			var p Problem
			if !errors.As(err, &p) {
				p = Problem{File: source.Name, What: err.Error()}
			}
			problems = append(problems, p)
			continue
		}
		roots = append(roots, root)
		size += len(source.Data)
	}
	if len(problems) > 0 {
		return tree{}, problems
	}
	root, problems := merge(roots, &b.positions)
	t := tree{root: root, limit: nodeLimit(size), keys: keyIndex{}}
	t.version.is31 = minor(get(root, "openapi").Value) == "3.1"
	return t, problems
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
			p.File = b.overlay
		}
	}
	return problems
}
