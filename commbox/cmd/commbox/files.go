package main

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// find lists the files of the command line and then those of --files-from. It marks the
// files that are in the journal, and writes --failed.
func (b *batch) find() error {
	for _, arg := range b.args {
		b.rows = append(b.rows, expand(arg, b.recursive)...)
	}
	if err := b.readList(); err != nil {
		return fmt.Errorf("--files-from: %w", err)
	}
	for n := range b.rows {
		r := &b.rows[n]
		info, err := os.Stat(r.File)
		if err != nil || b.isStdin(r) {
			continue // the client's error will say more
		}
		r.Size = info.Size()
		r.id = identify(r.File, info, b.stream, b.baseURL)
		if done, ok := b.journal.done[r.id]; ok {
			r.Already, r.ID, r.Filename, r.ContentType = true, done.ID, done.Filename, done.ContentType
		}
	}
	return b.list()
}

// isStdin reports whether r is standard input, and not a file with that name.
func (b *batch) isStdin(r *row) bool { return r.File == "-" && b.name != "" }

// expand lists the files that an argument of the command line means: the file itself, the
// regular files in a directory, or what a pattern matches. A name that exists is never a
// pattern.
func expand(arg string, recursive bool) (list []row) {
	if _, err := os.Lstat(arg); err == nil || !strings.ContainsAny(arg, "*?[") {
		return walk(arg, recursive)
	}
	paths, err := filepath.Glob(filepath.Clean(arg))
	for _, path := range paths {
		if !hidden(filepath.Base(path)) || hidden(filepath.Base(arg)) {
			list = append(list, walk(path, recursive)...)
		}
	}
	if list == nil {
		list = []row{{File: arg, err: cmp.Or(err, fmt.Errorf("no file matches: %w", fs.ErrNotExist))}}
	}
	return list
}

// walk lists the regular files in a directory and the links to regular files. It skips
// names that begin with a dot. It does not enter links to directories, which can form a
// circle.
func walk(root string, recursive bool) (list []row) {
	if info, err := os.Stat(root); err != nil || !info.IsDir() || root == "-" {
		return []row{{File: root}}
	}
	root += string(filepath.Separator) // so that WalkDir enters root if it is a link
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			list = append(list, row{File: filepath.Clean(path), err: err})
		case d.IsDir() && path != root && (hidden(d.Name()) || !recursive):
			return fs.SkipDir
		case !d.IsDir() && !hidden(d.Name()):
			if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
				list = append(list, row{File: path, err: err})
			}
		}
		return nil
	})
	return list
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// readList reads one path per line from --files-from. A path in quotation marks is a Go
// string literal. Empty lines are ignored.
func (b *batch) readList() (err error) {
	var list []byte
	switch b.filesFrom {
	case "":
	case "-":
		list, err = io.ReadAll(b.in)
	default:
		list, err = os.ReadFile(b.filesFrom)
	}
	for path := range strings.FieldsFuncSeq(string(list), func(r rune) bool { return r == '\r' || r == '\n' }) {
		if unquoted, err := strconv.Unquote(path); err == nil && path[0] == '"' {
			path = unquoted
		}
		b.rows = append(b.rows, row{File: path})
	}
	return err
}
