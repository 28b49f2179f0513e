// Package project turns what is in api/ into what is in gen/: it reads the
// sources, has the effective document built and the client generated, and
// replaces both files or none.
package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/commbox-go/client/api/internal/document"
)

// Where things are, relative to the root of the module.
const (
	published = "api/published"
	overlay   = "api/overlay.yaml"
	config    = "api/codegen.yaml"
	effective = "api/openapi.json"
	defects   = "api/defects.txt"
	generated = "gen/client.gen.go"
)

const maxSource = 16 << 20 // bytes of one source; CommBox's whole document is far smaller

// A File is a file of the project: its slash-separated name relative to the
// root, and its content.
type File struct {
	Name string
	Data []byte
}

// Output is what the sources give.
type Output struct {
	Files   []File
	Defects document.Problems // of the sources, worked around; notes among them
	New     document.Problems // those that api/defects.txt does not have yet
}

// Make builds the effective document and the client in the module at root.
// It changes nothing there. With strict set new defects are an error.
func Make(ctx context.Context, root string, strict bool) (Output, error) {
	if info, err := os.Stat(filepath.Join(root, path.Dir(generated))); err != nil {
		return Output{}, fmt.Errorf("%s: cannot be read: %w (get it back from git)", path.Dir(generated), reason(err))
	} else if !info.IsDir() {
		return Output{}, fmt.Errorf("%s: is no folder (get it back from git)", path.Dir(generated))
	}
	sources, err := readSources(root)
	if err != nil {
		return Output{}, err
	}
	repairs, err := read(root, overlay)
	if err != nil {
		return Output{}, err
	}
	doc, found, err := document.Build(sources, repairs)
	if err != nil {
		return Output{}, err
	}
	accepted, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(defects)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Output{}, fmt.Errorf("%s: cannot be read: %w", defects, reason(err))
	}
	out := Output{Defects: found, New: unknown(found, accepted)}
	if strict && len(out.New) > 0 {
		return out, fmt.Errorf("%d defects are new: run make generate, review what it adds to %s, and commit that", len(out.New), defects)
	}
	client, err := generate(ctx, root, doc)
	if err != nil {
		return out, err
	}
	out.Files = []File{{effective, doc}, {defects, defectsFile(found)}, {generated, client}}
	return out, nil
}

// readSources reads everything that CommBox published, in the order of the
// names. Files whose names begin with a dot are no sources.
func readSources(root string) ([]document.Input, error) {
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(published)))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w (run it in the root of the module)", published, reason(err))
	}
	var sources []document.Input
	var failed []error
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		source, err := read(root, path.Join(published, entry.Name()))
		if err != nil {
			failed = append(failed, err)
			continue
		}
		sources = append(sources, source)
	}
	if len(sources) == 0 && len(failed) == 0 {
		return nil, fmt.Errorf("%s: there is no source (save a page of CommBox's API documentation there)", published)
	}
	return sources, errors.Join(failed...)
}

func read(root, name string) (document.Input, error) {
	full := filepath.Join(root, filepath.FromSlash(name))
	info, err := os.Stat(full)
	switch {
	case err != nil:
		return document.Input{}, fmt.Errorf("%s: cannot be read: %w", name, reason(err))
	case !info.Mode().IsRegular():
		return document.Input{}, fmt.Errorf("%s: is no file (sources lie side by side in %s)", name, published)
	case info.Size() > maxSource:
		return document.Input{}, fmt.Errorf("%s: is larger than %d MiB", name, maxSource>>20)
	}
	data, err := os.ReadFile(full)
	if err != nil {
		return document.Input{}, fmt.Errorf("%s: cannot be read: %w", name, reason(err))
	}
	return document.Input{Name: name, Data: data}, nil
}

// reason leaves the path out of an error that names the file already.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
