// Package helpcentre downloads the pages of CommBox's help centre that document
// operations into api/published.
package helpcentre

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/commbox-go/client/api/internal/document"
	"github.com/commbox-go/client/api/internal/project"
)

const (
	folder     = "api/published"
	memory     = folder + "/.fetched.json" // the ETags of the pages; committed with the pages
	concurrent = 4                         // requests at a time
)

// A Change is what happened to a page.
type Change struct {
	Kind string // "new", "changed", "unchanged", or "gone": no page of this name documents an operation any more; the file stays
	File string // path in the module
}

// Fetch updates the folder api/published of the module at root from a help centre. It
// updates the pages that are in the folder or, if all is set, writes every page that
// documents an operation. index lists the pages, in the format of llms.txt. timeout is
// for one page. If Fetch returns an error, it has changed nothing.
func Fetch(ctx context.Context, root string, index *url.URL, all bool, timeout time.Duration) ([]Change, error) {
	module := os.DirFS(root)
	names, _ := fs.Glob(module, folder+"/[^.]*.md") // the pattern is good
	inputs, err := project.Read(module, names...)
	if err != nil {
		return nil, err
	}
	have := map[string][]byte{}
	for _, in := range inputs {
		have[path.Base(in.Name)] = in.Data
	}
	if len(have) == 0 && !all {
		return nil, fmt.Errorf("%s: there is no page (ALL=1 takes every page that holds an operation)", folder)
	}
	client := &http.Client{Timeout: timeout, CheckRedirect: sameHost}
	list := page{url: index}
	if err := list.get(ctx, client); err != nil {
		return nil, err
	}
	wanted := pages(list.file, index)
	if len(wanted) == 0 {
		return nil, fmt.Errorf("%s: lists no page", index.Redacted())
	}
	if !all {
		wanted = slices.DeleteFunc(wanted, func(p *page) bool { return have[p.name()] == nil })
	}
	var known map[string]string
	data, _ := fs.ReadFile(module, memory)
	_ = json.Unmarshal(data, &known) // without its ETag, a page is downloaded again
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrent)
	for _, p := range wanted {
		p.file = have[p.name()]
		p.etag = known[p.key()]
		group.Go(func() error { return p.get(ctx, client) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	changes, files, err := compare(have, wanted)
	if err == nil {
		_, err = project.Publish(root, files)
	}
	return changes, err
}

// compare compares the pages with the files in the folder, and returns the files to
// write. Its error names every page that cannot be used.
func compare(have map[string][]byte, pages []*page) (changes []Change, files []project.File, err error) {
	etags, found := map[string]string{}, map[string]*page{}
	for _, p := range pages {
		holds, problem := document.HoldsOperation(document.Input{Name: p.url.Redacted(), Data: p.file})
		if err = errors.Join(err, problem); !holds {
			p.file = nil
		}
		if p.etag != "" {
			etags[p.key()] = p.etag
		}
		name, change := p.name(), Change{"changed", folder + "/" + p.name()}
		switch other := found[name]; {
		case !holds:
			continue
		case other != nil:
			err = errors.Join(err, fmt.Errorf("%s and %s would be one file", p.url.Redacted(), other.url.Redacted()))
		case have[name] == nil:
			change.Kind = "new"
		case bytes.Equal(have[name], p.file):
			change.Kind = "unchanged"
		}
		found[name] = p
		changes = append(changes, change)
		files = append(files, project.File{Name: change.File, Data: p.file})
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if found[name] == nil {
			changes = append(changes, Change{"gone", folder + "/" + name})
		}
	}
	if len(etags) > 0 {
		data, _ := json.MarshalIndent(etags, "", "  ") // strings cannot fail
		files = append(files, project.File{Name: memory, Data: append(data, '\n')})
	}
	return changes, files, err
}
