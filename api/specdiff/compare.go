package main

import (
	"fmt"
	"io"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// A change is one difference that clients may notice.
type change struct {
	breaking bool
	place    string // operation and path, or what else it is about
	text     string
}

// compare lists what changed from one document to another, the worst first.
// The severities say what is worse for clients of CommBox than oasdiff takes
// it for: one rule and its level per line.
func compare(base, now []byte, severities io.Reader) ([]change, error) {
	levels, err := checker.GetSeverityLevels(severities)
	if err != nil {
		return nil, fmt.Errorf("the severities: %w", err)
	}
	before, err := spec(base)
	if err != nil {
		return nil, fmt.Errorf("the old one: %w", err)
	}
	after, err := spec(now)
	if err != nil {
		return nil, fmt.Errorf("the new one: %w", err)
	}
	differences, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), before, after)
	if err != nil {
		return nil, err
	}
	var found []change
	text := checker.NewDefaultLocalizer()
	config := checker.NewConfig(checker.GetAllChecks(), checker.WithSeverityLevels(levels))
	for _, c := range checker.CheckBackwardCompatibilityUntilLevel(config, differences, sources, checker.INFO) {
		place := c.GetOperation() + " " + c.GetPath()
		if c.GetOperation() == "" {
			place = c.GetSection()
		}
		found = append(found, change{c.IsBreaking(), place, c.GetUncolorizedText(text)})
	}
	return found, nil
}

func spec(data []byte) (*load.SpecInfo, error) {
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	return &load.SpecInfo{Url: document, Spec: doc}, nil
}

// report writes one line per change and returns how many are breaking.
func report(w io.Writer, found []change) (breaking int) {
	for _, c := range found {
		mark := ""
		if c.breaking {
			mark = "BREAKING"
			breaking++
		}
		fmt.Fprintf(w, "%-8s  %s: %s\n", mark, c.place, c.text)
	}
	return breaking
}
