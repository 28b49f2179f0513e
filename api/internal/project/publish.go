package project

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// staging is the beginning of the names of temporary files. git and the go command ignore
// them, and the next run removes those of a killed run.
const staging = ".generate-"

// A change is a file that is about to be replaced.
type change struct {
	name, path string
	staged     string // the new content, complete and on disk
	backup     string // the same for the old content; empty if there is none
}

// Publish puts files into the module at root: all of them, or none if there
// is an error. It returns the names of the files that changed. It first writes everything
// to temporary files, because this can fail for lack of space or permission. Then it only
// renames.
func Publish(root string, files []File) (changed []string, err error) {
	return publish(root, files, os.Rename)
}

func publish(root string, files []File, rename func(from, to string) error) (changed []string, err error) {
	var changes []change
	for _, f := range files {
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		defer clean(filepath.Dir(path))
		old, err := os.ReadFile(path)
		if err == nil && bytes.Equal(old, f.Data) {
			continue
		}
		c := change{name: f.Name, path: path}
		if err == nil {
			c.backup, err = stage(path, old)
		}
		if err == nil || errors.Is(err, os.ErrNotExist) {
			c.staged, err = stage(path, f.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: cannot be written: %w", f.Name, err)
		}
		changes = append(changes, c)
	}
	for i, c := range changes {
		if err := rename(c.staged, c.path); err != nil {
			err = fmt.Errorf("%s: cannot be replaced: %w", c.name, err)
			for _, done := range changes[:i] {
				if done.backup == "" {
					err = errors.Join(err, os.Remove(done.path))
				} else {
					err = errors.Join(err, os.Rename(done.backup, done.path))
				}
			}
			return nil, err
		}
		changed = append(changed, c.name)
	}
	return changed, nil
}

// stage writes content beside a file.
func stage(path string, data []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), staging)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	return f.Name(), errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
}

// clean removes the temporary files of this run and of killed runs in a folder.
func clean(folder string) {
	leftovers, _ := filepath.Glob(filepath.Join(folder, staging+"*"))
	for _, name := range leftovers {
		_ = os.Remove(name) // a leftover is harmless
	}
}
