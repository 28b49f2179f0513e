package document

import (
	"errors"
	"slices"
)

// HoldsOperation reports whether a Markdown page documents an operation:
// whether one of its code blocks is an OpenAPI document with a path. A page
// with a document that cannot be read is an error.
func HoldsOperation(page Input) (bool, error) {
	if !slices.ContainsFunc(blocks(page.Data), block.maybeDocument) {
		return false, nil
	}
	var b builder
	root, err := read(page, &b.positions)
	if p := (Problem{}); errors.As(err, &p) {
		return false, b.placed(Problems{p})
	} else if err != nil {
		return false, err
	}
	for range entries(get(root, "paths")) {
		return true, nil
	}
	return false, nil
}
