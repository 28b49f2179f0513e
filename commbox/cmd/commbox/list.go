package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
)

// sources yields the files of the command line and then those of --files-from.
func (a *uploadArgs) sources() iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for e := range expand(a.files, a.recursive) {
			if !yield(e) {
				return
			}
		}
		for _, path := range a.listed {
			if !yield(entry{path: path}) {
				return
			}
		}
	}
}

// readList reads the file of --files-from. A pipe that says nothing does not
// outlive ctx.
func (a *uploadArgs) readList(ctx context.Context, std streams) error {
	type list struct {
		paths []string
		err   error
	}
	read := make(chan list, 1)
	go func() {
		in := io.ReadCloser(std.in)
		if a.filesFrom != "-" {
			f, err := os.Open(a.filesFrom)
			if err != nil {
				read <- list{err: err}
				return
			}
			defer f.Close()
			in = f
		}
		paths, err := readPaths(in)
		read <- list{paths, err}
	}()
	select {
	case <-ctx.Done():
		return exitInterrupted
	case l := <-read:
		if l.err != nil {
			return fmt.Errorf("--files-from: %w", l.err)
		}
		a.listed = l.paths
		return nil
	}
}

// readPaths reads a path a line; one with a line break in it, or a quotation
// mark at its beginning, is quoted as in Go.
func readPaths(in io.Reader) ([]string, error) {
	var paths []string
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		path := lines.Text()
		if strings.HasPrefix(path, `"`) {
			quoted, err := strconv.Unquote(path)
			if err != nil {
				return nil, fmt.Errorf("line %d begins with a quotation mark and is not quoted as in Go", n)
			}
			path = quoted
		}
		if path != "" {
			paths = append(paths, path)
		}
	}
	return paths, lines.Err()
}

// pathLine is what readPaths reads as path.
func pathLine(path string) string {
	if strings.HasPrefix(path, `"`) || strings.ContainsAny(path, "\r\n") {
		path = strconv.Quote(path)
	}
	return path + "\n"
}

// writeFailed writes the list of --failed: the files that another run may
// upload, and those that this one did not come to.
func (b *batch) writeFailed() error {
	if b.args.failed == "" || b.args.dryRun {
		return nil
	}
	var list strings.Builder
	for _, path := range b.again {
		list.WriteString(pathLine(path))
	}
	n := 0
	for e := range b.args.sources() {
		if n >= b.found && e.err == nil && e.path != "-" {
			list.WriteString(pathLine(e.path))
		}
		n++
	}
	if err := os.WriteFile(b.args.failed, []byte(list.String()), 0o600); err != nil {
		return fmt.Errorf("--failed: %w", err)
	}
	return nil
}
