package project

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Check compares the module at root with what its sources give. It returns
// the differences as a unified diff, empty if there are none, and changes
// nothing.
func Check(root string, files []File) (diff string, err error) {
	var b strings.Builder
	for _, f := range files {
		old, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.Name)))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("%s: cannot be read: %w", f.Name, reason(err))
		}
		b.WriteString(unified(f.Name, "what the sources give", string(old), string(f.Data)))
	}
	strangers, err := strangers(root)
	for _, name := range strangers {
		fmt.Fprintf(&b, "%s: is not generated\n", name)
	}
	return b.String(), err
}

// strangers lists what is in the folder of generated code and does not belong
// there.
func strangers(root string) ([]string, error) {
	folder := path.Dir(generated)
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(folder)))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", folder, reason(err))
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if name != path.Base(generated) && name != "doc.go" && !strings.HasPrefix(name, ".") {
			names = append(names, path.Join(folder, name))
		}
	}
	return names, nil
}
