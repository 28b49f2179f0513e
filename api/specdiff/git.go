package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Files in the client's module, relative to its root.
const (
	document   = "api/openapi.json"
	severities = "api/severities.txt"
)

// moduleRoot finds the folder that has the document, at or above another.
func moduleRoot(start string) (string, error) {
	start, err := filepath.Abs(start)
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(document))); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("there is no %s in or above %s", document, start)
		}
	}
}

// committed returns the document of a revision.
func committed(ctx context.Context, root, rev string) ([]byte, error) {
	if _, err := git(ctx, root, "rev-parse", "--quiet", "--verify", "--end-of-options", rev+"^{commit}"); err != nil {
		return nil, fmt.Errorf("git knows no revision %q", rev)
	}
	data, err := git(ctx, root, "show", "--end-of-options", rev+":./"+document)
	if err != nil {
		return nil, fmt.Errorf("revision %s has no %s: %w", rev, document, err)
	}
	return data, nil
}

func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("git %s: %w %s", args[0], err, strings.TrimSpace(errs.String()))
	}
	return out.Bytes(), nil
}
