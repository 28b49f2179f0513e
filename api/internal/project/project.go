// Package project makes gen/ from api/. It reads the sources, builds the effective
// document, generates the client, and replaces all files or none.
package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/commbox-go/client/api/internal/document"
	"github.com/commbox-go/client/api/internal/golang"
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

// A File is a file of the project: its slash-separated name relative to the
// root, and its content.
type File = document.Input

// Output is what Make makes from the sources.
type Output struct {
	Files   []File
	Defects document.Problems // the defects of the sources that were worked around, and notes
	New     document.Problems // the defects that are not in api/defects.txt yet
}

// Make builds the effective document and the client in the module at root, and changes no
// file. It reads what CommBox published in the order of the file names, without names that
// begin with a dot. If strict is set, new defects are an error.
func Make(ctx context.Context, root string, strict bool) (Output, error) {
	module := os.DirFS(root)
	names, _ := fs.Glob(module, published+"/[^.]*") // the pattern is good
	if len(names) == 0 {
		return Output{}, fmt.Errorf("%s: there is no source (run it in the root of the module, or save a page of CommBox's API documentation there)", published)
	}
	inputs, err := Read(module, append(names, overlay, config)...)
	if err != nil {
		return Output{}, err
	}
	sources, repairs, options := inputs[:len(names)], inputs[len(names)], inputs[len(names)+1]
	generator, err := golang.ParseConfig(options.Data)
	if err != nil {
		return Output{}, fmt.Errorf("%s: %w", config, err)
	}
	doc, found, err := document.Build(sources, repairs)
	if err != nil {
		return Output{}, err
	}
	accepted, _ := fs.ReadFile(module, defects) // without it, all are new
	out := Output{Defects: found, New: unknown(found, accepted)}
	if strict && len(out.New) > 0 {
		return out, fmt.Errorf("%d defects are new: run make generate, review what it adds to %s, and commit that", len(out.New), defects)
	}
	client, err := golang.Generate(doc, generator)
	if err != nil {
		return out, fmt.Errorf("%s: %w", effective, err)
	}
	out.Files = []File{{Name: effective, Data: doc}, {Name: defects, Data: defectsFile(found)}, {Name: generated, Data: client}}
	return out, compile(ctx, root, client)
}

// compile builds package commbox with the new client, so that code that does not build is
// never published.
func compile(ctx context.Context, root string, client []byte) error {
	dir, err := os.MkdirTemp("", "commbox-generate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	replacement, replacements := filepath.Join(dir, path.Base(generated)), filepath.Join(dir, "overlay.json")
	data, _ := json.Marshal(map[string]any{"Replace": map[string]string{generated: replacement}}) // strings cannot fail
	if err := errors.Join(os.WriteFile(replacement, client, 0o600), os.WriteFile(replacements, data, 0o600)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-overlay", replacements, "./gen", "./commbox")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		what := strings.ReplaceAll(string(out), dir+string(filepath.Separator), "gen/")
		return fmt.Errorf("%s: does not compile, or package commbox does not compile with it: %w\n%s"+
			"in %s, give what collides another name (x-go-name, x-go-type-name), and what package commbox uses the name that it had", generated, err, what, overlay)
	}
	return nil
}

// Check compares the module at root with what its sources give. It returns
// the differences, empty if there are none, and changes nothing. A file that
// cannot be read is an empty one.
func Check(root string, files []File) (differences string) {
	module := os.DirFS(root)
	for _, f := range files {
		have, _ := fs.ReadFile(module, f.Name)
		differences += string(diff.Diff(f.Name, have, "what the sources give", f.Data))
	}
	found, _ := fs.Glob(module, path.Dir(generated)+"/[^.]*") // the pattern is good
	for _, name := range found {
		if name != generated && path.Base(name) != "doc.go" {
			differences += name + ": is not generated\n"
		}
	}
	return differences
}

// Read reads files. Its error names every file that cannot be read.
func Read(module fs.FS, names ...string) (files []File, err error) {
	for _, name := range names {
		data, failed := fs.ReadFile(module, name)
		files, err = append(files, File{Name: name, Data: data}), errors.Join(err, failed)
	}
	return files, err
}

// defectsHead is the first part of api/defects.txt.
const defectsHead = `# Defects of CommBox's that were worked around: where in api/openapi.json or in what CommBox published, and what.
# make generate writes this file. Review it like code: what is in it was accepted, and only what is new is shown.
`

// defectsFile returns the content of api/defects.txt.
func defectsFile(found document.Problems) []byte {
	var lines []string
	for _, d := range unknown(found, nil) {
		lines = append(lines, line(d))
	}
	slices.Sort(lines)
	return []byte(defectsHead + strings.Join(lines, ""))
}

// line returns a defect without its file and line, which may change.
func line(d document.Problem) string {
	d.File, d.Line, d.Fix = "", 0, ""
	return strings.ReplaceAll(d.Error(), "\n", " ") + "\n"
}

// unknown returns the defects that are not in the file yet.
func unknown(found document.Problems, file []byte) (fresh document.Problems) {
	known := slices.Collect(strings.Lines(string(file)))
	for _, d := range found {
		if l := line(d); d.Fix != "" && !slices.Contains(known, l) {
			known = append(known, l)
			fresh = append(fresh, d)
		}
	}
	return fresh
}

// Summary returns one line for each kind of defect: how many there are, and where the
// first one is.
func Summary(found document.Problems) string {
	var lines []string
	for len(found) > 0 {
		first, all := found[0], len(found)
		found = slices.DeleteFunc(slices.Clone(found), func(d document.Problem) bool { return d.What == first.What })
		times := ""
		if n := all - len(found); n > 1 {
			times = fmt.Sprintf("%d times, first ", n)
		}
		lines = append(lines, times+first.Error())
	}
	return strings.Join(lines, "\n")
}
