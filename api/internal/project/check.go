package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// Check compares the module at root with what its sources give. It returns
// the differences as git diff shows them, empty if there are none, and changes
// nothing.
func Check(ctx context.Context, root string, files []File) (diff string, err error) {
	var b strings.Builder
	for _, f := range files {
		old, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.Name)))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("%s: cannot be read: %w", f.Name, reason(err))
		}
		if err == nil && bytes.Equal(old, f.Data) {
			continue
		}
		text, err := compare(ctx, root, f, err == nil)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	strangers, err := strangers(root)
	for _, name := range strangers {
		fmt.Fprintf(&b, "%s: is not generated\n", name)
	}
	return b.String(), err
}

// compare shows how a file differs from what it should be.
func compare(ctx context.Context, root string, f File, exists bool) (string, error) {
	dir, err := os.MkdirTemp("", "commbox-check-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	should, is := filepath.Join(dir, path.Base(f.Name)), filepath.FromSlash(f.Name)
	if err := os.WriteFile(should, f.Data, 0o600); err != nil {
		return "", err
	}
	if !exists {
		is = os.DevNull
	}
	cmd := exec.CommandContext(ctx, "git", "diff", "--no-index", "--no-color", "--no-ext-diff", "--no-prefix", "--", is, should)
	cmd.Dir = root
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: they differ
		return fmt.Sprintf("%s: differs from what the sources give\n", f.Name), nil
	}
	_, hunks, _ := strings.Cut(string(out), "\n@@")
	return fmt.Sprintf("--- %s\n+++ what the sources give\n@@%s", f.Name, hunks), nil
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
