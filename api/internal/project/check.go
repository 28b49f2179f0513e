package project

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// compile builds package commbox with a client in place of the present one, so
// that code that does not build never gets there.
func compile(ctx context.Context, root string, client []byte) error {
	dir, err := os.MkdirTemp("", "commbox-generate-")
	target, failed := filepath.Abs(filepath.Join(root, filepath.FromSlash(generated)))
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	replacement, replacements := filepath.Join(dir, path.Base(generated)), filepath.Join(dir, "overlay.json")
	data, _ := json.Marshal(map[string]any{"Replace": map[string]string{target: replacement}}) // strings cannot fail
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
// the differences as git diff shows them, empty if there are none, and changes
// nothing.
func Check(ctx context.Context, root string, files []File) (diff string, err error) {
	var b strings.Builder
	for _, f := range files {
		have := filepath.FromSlash(f.Name)
		if _, err := os.Stat(filepath.Join(root, have)); err != nil {
			have = os.DevNull
		}
		cmd := exec.CommandContext(ctx, "git", "diff", "--no-index", "--no-color", "--no-ext-diff", "--", have, "-")
		cmd.Dir, cmd.Stdin = root, bytes.NewReader(f.Data)
		out, err := cmd.Output()
		if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: they differ
			return "", fmt.Errorf("%s: cannot be compared: %w", f.Name, err)
		}
		if len(out) > 0 {
			_, hunks, _ := strings.Cut(string(out), "\n@@")
			fmt.Fprintf(&b, "--- %s\n+++ what the sources give\n@@%s", f.Name, hunks)
		}
	}
	found, err := fs.Glob(os.DirFS(root), path.Dir(generated)+"/[^.]*")
	for _, name := range found {
		if name != generated && path.Base(name) != "doc.go" {
			fmt.Fprintf(&b, "%s: is not generated\n", name)
		}
	}
	return b.String(), err
}
