package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// entry is one file to upload, or the reason why there is none at path.
type entry struct {
	path string
	err  error
}

// dirBatch is how many names of a directory are held at a time. Within a batch
// they come sorted.
const dirBatch = 1024

// expand yields the files that the arguments of the command line stand for: a
// file itself, of a directory the regular files in it, of a pattern what it
// matches. A name that exists is never taken for a pattern. Directories are
// read piece by piece while the files are asked for.
func expand(args []string, recursive bool) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for _, arg := range args {
			if !expandArg(arg, recursive, yield) {
				return
			}
		}
	}
}

func expandArg(arg string, recursive bool, yield func(entry) bool) bool {
	if arg == "-" {
		return yield(entry{path: arg})
	}
	if _, err := os.Lstat(arg); err != nil && hasMeta(arg) {
		return expandGlob(arg, recursive, yield)
	}
	return expandPath(arg, recursive, yield)
}

// expandPath leaves a path that is no directory to the client, which says why
// it cannot be uploaded if it cannot.
func expandPath(path string, recursive bool, yield func(entry) bool) bool {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return walk(path, recursive, yield)
	}
	return yield(entry{path: path})
}

func expandGlob(pattern string, recursive bool, yield func(entry) bool) bool {
	if _, err := filepath.Match(pattern, ""); err != nil {
		return yield(entry{pattern, errors.New("no such file, and no pattern either: a [ without its ]")})
	}
	found := false
	more := glob(trimSeparators(pattern), func(path string) bool {
		found = true
		return expandPath(path, recursive, yield)
	})
	if more && !found {
		return yield(entry{pattern, fmt.Errorf("no file matches: %w", fs.ErrNotExist)})
	}
	return more
}

// walk yields the regular files in dir, and the links that lead to one. What
// begins with a dot is skipped, and links to directories are not entered: they
// can lead in a circle.
func walk(dir string, recursive bool, yield func(entry) bool) bool {
	return readDir(dir, func(d fs.DirEntry) bool {
		if hidden(d.Name()) {
			return true
		}
		path := filepath.Join(dir, d.Name())
		switch mode := d.Type(); {
		case mode.IsDir():
			return !recursive || walk(path, recursive, yield)
		case mode.IsRegular():
			return yield(entry{path: path})
		case mode&fs.ModeSymlink != 0:
			info, err := os.Stat(path)
			if err != nil {
				return yield(entry{path, fmt.Errorf("a link that leads nowhere: %w", err)})
			}
			return !info.Mode().IsRegular() || yield(entry{path: path})
		default:
			return true
		}
	}, func(err error) bool { return yield(entry{dir, err}) })
}

// readDir calls each for the entries of dir until it returns false, and failed
// if dir cannot be read (to the end). It returns false if one of them did.
func readDir(dir string, each func(fs.DirEntry) bool, failed func(error) bool) bool {
	f, err := os.Open(dir)
	if err != nil {
		return failed(err)
	}
	defer f.Close()
	for {
		batch, err := f.ReadDir(dirBatch)
		slices.SortFunc(batch, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
		for _, d := range batch {
			if !each(d) {
				return false
			}
		}
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return failed(err)
		}
	}
}

// glob is filepath.Glob without its list: it yields what matches as it is
// found, and takes * and ? for a leading dot only if the pattern has the dot.
func glob(pattern string, yield func(path string) bool) bool {
	dir, last := filepath.Split(pattern)
	if !hasMeta(dir) {
		return globIn(dir, last, yield)
	}
	return glob(trimSeparators(dir), func(dir string) bool {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return true
		}
		return globIn(dir, last, yield)
	})
}

// globIn yields the entries of one directory that match the last element of a
// pattern. An unreadable directory has no match.
func globIn(dir, pattern string, yield func(path string) bool) bool {
	if !hasMeta(pattern) {
		path := filepath.Join(dir, pattern)
		if _, err := os.Lstat(path); err != nil {
			return true
		}
		return yield(path)
	}
	from := dir
	if from == "" {
		from = "."
	}
	return readDir(from, func(d fs.DirEntry) bool {
		if hidden(d.Name()) && !hidden(pattern) {
			return true
		}
		if ok, err := filepath.Match(pattern, d.Name()); err != nil || !ok {
			return true
		}
		return yield(filepath.Join(dir, d.Name()))
	}, func(error) bool { return true })
}

func trimSeparators(path string) string {
	return strings.TrimRightFunc(path, func(r rune) bool { return r == '/' || r == filepath.Separator })
}

func hasMeta(path string) bool { return strings.ContainsAny(path, "*?[") }

func hidden(name string) bool { return strings.HasPrefix(name, ".") }
