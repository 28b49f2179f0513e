package document

import (
	"errors"

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
	if problems = t.normalise(false); len(problems) > 0 {
		return nil, nil, problems
	}
	warnings, problems = t.repair(overlay)
	if len(problems) > 0 {
		return nil, warnings, problems
	}
	if problems = t.normalise(true); len(problems) > 0 {
		return nil, warnings, problems
	}
	m := &mender{tree: t, warnings: warnings, problems: t.unresolved()}
	m.walk(m.top(), m.visit)
	m.names()
	m.operations()
	if len(m.problems) > 0 {
		return nil, m.warnings, m.problems
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
	t := tree{root: root, limit: nodeLimit(size)}
	t.version.is31 = minor(get(root, "openapi").Value) == "3.1"
	return t, problems
}

// placed fills in the files and lines that the problems come from.
func (b *builder) placed(problems Problems) Problems {
	for i := range problems {
		p := &problems[i]
		if p.File != "" {
			continue
		}
		if p.File, p.Line = b.positions.find(p.at); p.File == "" {
			p.File = b.overlay
		}
	}
	return problems
}
