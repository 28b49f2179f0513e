package helpcentre

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/commbox-go/client/api/internal/document"
	"github.com/commbox-go/client/api/internal/project"
)

// A Change is what happened to the page of a file in api/published.
type Change struct {
	Kind Kind
	File string // in the module
}

// A Kind of change, in the word for it.
type Kind string

// What can happen to a page.
const (
	New       Kind = "new"
	Changed   Kind = "changed"
	Unchanged Kind = "unchanged"
	Gone      Kind = "gone" // no page of this name holds an operation any more; its file stays
)

// compare decides what the answers mean for the files that are there, and
// which are to be written. Its error names every page that cannot be used.
func compare(have map[string][]byte, wanted []*url.URL, answers []answer) (changes []Change, files []project.File, err error) {
	found := map[string]*url.URL{}
	for i, page := range wanted {
		name, a := fileOf(page), &answers[i]
		if a.status == http.StatusNotModified {
			a.body = have[name]
		}
		var problem error
		a.holdsOperation, problem = document.HoldsOperation(document.Input{Name: page.Redacted(), Data: a.body})
		if !a.holdsOperation {
			err = errors.Join(err, problem)
			continue
		}
		if other := found[name]; other != nil {
			err = errors.Join(err, fmt.Errorf("%s and %s would be one file", page.Redacted(), other.Redacted()))
		}
		found[name] = page
		change := Change{Changed, folder + "/" + name}
		switch {
		case have[name] == nil:
			change.Kind = New
		case bytes.Equal(have[name], a.body):
			change.Kind = Unchanged
		}
		changes = append(changes, change)
		files = append(files, project.File{Name: change.File, Data: a.body})
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if found[name] == nil {
			changes = append(changes, Change{Gone, folder + "/" + name})
		}
	}
	return changes, files, err
}
