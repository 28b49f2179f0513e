// Package helpcentre takes the pages of CommBox's help centre that document
// operations into api/published.
package helpcentre

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/commbox-go/client/api/internal/project"
)

const (
	folder     = "api/published"
	concurrent = 4 // requests at a time
)

// Fetch brings the folder api/published of the module at root up to date by
// the index of a help centre, which has the form of llms.txt: the pages that
// are there, or with all set every page that holds an operation. One page may
// take as long as the timeout. If there is an error nothing was changed.
func Fetch(ctx context.Context, root string, index *url.URL, all bool, timeout time.Duration) ([]Change, error) {
	have, err := readPages(os.DirFS(root))
	if err != nil {
		return nil, err
	}
	if len(have) == 0 && !all {
		return nil, fmt.Errorf("%s: there is no page (ALL=1 takes every page that holds an operation)", folder)
	}
	client := &http.Client{Timeout: timeout, CheckRedirect: sameHost}
	list, err := get(ctx, client, index, "")
	if err != nil {
		return nil, err
	}
	wanted := pages(list.body, index)
	if len(wanted) == 0 {
		return nil, fmt.Errorf("%s: lists no page", index.Redacted())
	}
	if !all {
		wanted = slices.DeleteFunc(wanted, func(page *url.URL) bool { return have[fileOf(page)] == nil })
	}
	known := recall(os.DirFS(root))
	answers := make([]answer, len(wanted))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrent)
	for i, page := range wanted {
		group.Go(func() (err error) {
			answers[i], err = get(ctx, client, page, known.etag(page, have[fileOf(page)]))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	changes, files, err := compare(have, wanted, answers)
	if err != nil {
		return nil, err
	}
	if now := known.after(wanted, answers); len(now) > 0 {
		files = append(files, now.file())
	}
	_, err = project.Publish(root, files)
	return changes, err
}

// readPages returns the pages in api/published by the names of their files.
func readPages(module fs.FS) (map[string][]byte, error) {
	names, err := fs.Glob(module, folder+"/[^.]*.md")
	have := map[string][]byte{}
	for _, name := range names {
		data, failed := fs.ReadFile(module, name)
		have[path.Base(name)], err = data, errors.Join(err, failed)
	}
	return have, err
}
