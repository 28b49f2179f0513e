package document

import (
	"context"
	"errors"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// load gives the tree to the library that the generator and the test server
// use. Nothing but the tree is ever read.
func (t tree) load() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(encode(t.root))
}

// validate lists what the library still finds wrong, examples included.
func (t tree) validate(doc *openapi3.T) Problems {
	err := doc.Validate(context.Background(), openapi3.EnableMultiError())
	if err == nil {
		return nil
	}
	var all openapi3.MultiError
	if !errors.As(err, &all) {
		all = openapi3.MultiError{err}
	}
	var problems Problems
	for _, err := range all {
		problems = append(problems, t.located(err))
	}
	return problems
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
