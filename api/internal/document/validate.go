package document

import (
	"context"
	"errors"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// validate lists what the library still finds wrong, examples included.
func (b *builder) validate() {
	if !b.load() {
		return
	}
	err := b.doc.Validate(context.Background(), openapi3.EnableMultiError())
	var all openapi3.MultiError
	if !errors.As(err, &all) && err != nil {
		all = openapi3.MultiError{err}
	}
	for _, err := range all {
		b.problems = append(b.problems, b.located(err))
	}
}

// located turns an error of the library into a problem with the closest place
// that the error names.
func (t tree) located(err error) Problem {
	p := t.top()
	into := func(key string) {
		if next := t.child(p, key); next != nil {
			p = next
		}
	}
	var path *openapi3.PathValidationError
	var operation *openapi3.OperationValidationError
	var component *openapi3.ComponentValidationError
	switch {
	case errors.As(err, &path):
		into("paths")
		into(path.Path)
		if errors.As(err, &operation) {
			into(strings.ToLower(operation.Method))
		}
	case errors.As(err, &component):
		into("components")
		for kind, section := range sections {
			if name(kind) == component.Section {
				into(section)
			}
		}
		into(component.Name)
	}
	what, _, _ := strings.Cut(inner(err).Error(), "\n")
	return p.problem("is not valid: "+what, "repair it in the overlay: target "+p.target())
}

// inner leaves out of an error what the place says already: the wrappers from
// the outermost to the innermost that the library puts around each other.
func inner(err error) error {
	var section *openapi3.SectionValidationError
	if errors.As(err, &section) {
		err = section.Cause
	}
	var path *openapi3.PathValidationError
	if errors.As(err, &path) {
		err = path.Cause
	}
	var operation *openapi3.OperationValidationError
	if errors.As(err, &operation) {
		err = operation.Cause
	}
	var component *openapi3.ComponentValidationError
	if errors.As(err, &component) {
		err = component.Cause
	}
	return err
}
