package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// find finds the files of the command line, then those of --files-from, and those
// among them that the journal holds as done.
func (b *batch) find() error {
	for _, arg := range b.args.files {
		b.rows = append(b.rows, expand(arg, b.args.recursive)...)
	}
	if b.args.filesFrom != "" {
		listed, err := readList(b.args.filesFrom, b.std.in)
		if err != nil {
			return fmt.Errorf("--files-from: %w", err)
		}
		b.rows = append(b.rows, listed...)
	}
	for n := range b.rows {
		r := &b.rows[n]
		info, err := os.Stat(r.File)
		if err != nil || r.File == "-" {
			continue // the client will say it better
		}
		r.Size = info.Size()
		r.id = identify(r.File, info, b.stream, b.baseURL)
		if done, ok := b.journal.done[r.id]; ok {
			r.Already, r.ID, r.Filename, r.ContentType = true, done.ID, done.Filename, done.ContentType
		}
	}
	return nil
}

// expand lists the files that an argument of the command line stands for: a file
// itself, of a directory the regular files in it, of a pattern what it matches.
// A name that exists is never taken for a pattern.
func expand(arg string, recursive bool) (list []row) {
	if _, err := os.Lstat(arg); err == nil || !strings.ContainsAny(arg, "*?[") {
		return walk(arg, recursive)
	}
	paths, err := filepath.Glob(arg)
	for _, path := range paths {
		if !hidden(filepath.Base(path)) || hidden(filepath.Base(arg)) {
			list = append(list, walk(path, recursive)...)
		}
	}
	if err == nil && list == nil {
		err = fmt.Errorf("no file matches: %w", fs.ErrNotExist)
	}
	if err != nil {
		list = append(list, row{File: arg, err: err})
	}
	return list
}

// walk lists the regular files in a directory, and the links that lead to one.
// What begins with a dot is skipped, and links to directories are not entered:
// they can lead in a circle.
func walk(root string, recursive bool) (list []row) {
	if info, err := os.Stat(root); err != nil || !info.IsDir() || root == "-" {
		return []row{{File: root}}
	}
	root += string(filepath.Separator) // enters a link
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			list = append(list, row{File: filepath.Clean(path), err: err})
		case path == root:
		case d.IsDir() && (hidden(d.Name()) || !recursive):
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

// readList reads a path a line. One with a line break in it, or a quotation mark
// at its beginning, is quoted as in Go.
func readList(name string, in io.Reader) (rows []row, err error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		path := lines.Text()
		if strings.HasPrefix(path, `"`) {
			if path, err = strconv.Unquote(path); err != nil {
				return nil, fmt.Errorf("%s begins with a quotation mark and is not quoted as in Go", lines.Text())
			}
		}
		if path != "" {
			rows = append(rows, row{File: path})
		}
	}
	return rows, lines.Err()
}

// listLine is what readList reads as path.
func listLine(path string) string {
	if strings.HasPrefix(path, `"`) || strings.ContainsAny(path, "\r\n") {
		path = strconv.Quote(path)
	}
	return path + "\n"
}
