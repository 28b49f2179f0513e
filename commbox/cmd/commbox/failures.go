package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// mostNames is how many files are named under a reason.
const mostNames = 10

// failures are the files that failed, by reason. Many files with one reason
// take no more room than a few.
type failures struct {
	order  []string
	groups map[string]*group
}

type group struct {
	names []string
	count int
}

func (f *failures) add(r row) {
	if r.err == nil || errors.Is(r.err, context.Canceled) {
		return // the user who interrupted knows
	}
	why := printable(reason(r.err))
	if f.groups == nil {
		f.groups = make(map[string]*group)
	}
	g := f.groups[why]
	if g == nil {
		g = &group{}
		f.groups[why] = g
		f.order = append(f.order, why)
	}
	if g.count++; g.count <= mostNames {
		g.names = append(g.names, printable(r.file))
	}
}

// String has a line for each reason, and below it the files.
func (f *failures) String() string {
	var b strings.Builder
	for _, why := range f.order {
		g := f.groups[why]
		fmt.Fprintf(&b, "%d failed: %s\n", g.count, why)
		for _, name := range g.names {
			fmt.Fprintf(&b, "  %s\n", name)
		}
		if more := g.count - len(g.names); more > 0 {
			fmt.Fprintf(&b, "  and %d more; --failed FILE lists what can be tried again\n", more)
		}
	}
	return b.String()
}
