package document

// Extract reads a source and stops there.
func Extract(in Input) error {
	_, err := read(in, &positions{})
	return err
}

// Normalise does what comes before the OpenAPI library has a look: merging,
// references, the overlay and what can be mended. It returns the document,
// and what a second run would make of it.
func Normalise(sources []Input, overlay Input) (once, twice []byte, problems Problems) {
	b := &builder{}
	t, problems := b.read(sources)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	if _, problems = t.prepare(overlay); len(problems) > 0 {
		return nil, nil, problems
	}
	once = encode(t.root)
	if _, problems = t.normalise(true); len(problems) > 0 {
		return once, nil, problems
	}
	return once, encode(t.root), t.unresolved()
}
