package project

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// What a killed run leaves behind has names that begin with this: git and the
// go command ignore it, and the next run removes it.
const staging = ".generate-"

// A change is a file that is about to be replaced.
type change struct {
	path   string
	staged string // the new content, complete and on disk
	backup string // a second name for the old content; empty if there is none
}

// Publish puts files into the module at root: all of them, or none if there
// is an error. It returns the names of those that changed. Everything that can
// fail for want of space or permission is done first, beside the targets; what
// remains is to rename.
func Publish(root string, files []File) (changed []string, err error) {
	return publish(root, files, os.Rename)
}

func publish(root string, files []File, rename func(from, to string) error) (changed []string, err error) {
	var changes []change
	defer func() {
		for _, c := range changes {
			remove(c.staged)
			remove(c.backup)
		}
	}()
	for _, f := range files {
		clean(filepath.Dir(filepath.Join(root, filepath.FromSlash(f.Name))))
	}
	for _, f := range files {
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, f.Data) {
			continue
		}
		c := change{path: path}
		c.staged, err = stage(path, f.Data)
		if err == nil {
			c.backup, err = backUp(path, c.staged)
		}
		changes = append(changes, c)
		if err != nil {
			return nil, fmt.Errorf("%s: cannot be written: %w", f.Name, reason(err))
		}
		changed = append(changed, f.Name)
	}
	for i, c := range changes {
		if err := rename(c.staged, c.path); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: cannot be replaced: %w", changed[i], err), undo(changes[:i]))
		}
	}
	for _, c := range changes {
		syncFolder(filepath.Dir(c.path))
	}
	return changed, nil
}

// stage writes the new content of a file beside it.
func stage(path string, data []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), staging)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	return f.Name(), err
}

// backUp gives the old content of a file a second name.
func backUp(path, staged string) (name string, err error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", errors.New("something that is no file is in its place")
	}
	name = staged + ".old"
	return name, os.Link(path, name)
}

// undo takes back what was renamed already.
func undo(done []change) error {
	var failed []error
	for _, c := range done {
		if c.backup == "" {
			failed = append(failed, os.Remove(c.path))
			continue
		}
		failed = append(failed, os.Rename(c.backup, c.path))
	}
	return errors.Join(failed...)
}

func remove(name string) {
	if name != "" {
		_ = os.Remove(name) // a leftover is harmless
	}
}

// clean removes what killed runs left in a folder.
func clean(folder string) {
	leftovers, _ := filepath.Glob(filepath.Join(folder, staging+"*"))
	for _, name := range leftovers {
		remove(name)
	}
}

// syncFolder makes renames last, where the system can. Without it a power cut
// leaves the old file or the new one, both whole.
func syncFolder(name string) {
	if f, err := os.Open(name); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}
