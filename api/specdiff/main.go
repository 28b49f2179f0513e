// Command specdiff shows what changed in the effective OpenAPI document
// between a git revision and the work tree, from the point of view of a client.
//
//	go -C api/specdiff run . REV
//
// The exit status is 1 if a change breaks clients, 2 if the documents cannot
// be compared, else 0. It is a module of its own, so that what compares
// documents is no dependency of the client.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: specdiff REV\nShow what changed in api/openapi.json since the git revision REV.")
	}
	flag.Parse()
	if flag.NArg() != 1 || flag.Arg(0) == "" {
		flag.Usage()
		os.Exit(2)
	}
	os.Exit(run(context.Background(), os.Stdout, os.Stderr, ".", flag.Arg(0)))
}

// run works in the module that dir is in, and returns the exit status.
func run(ctx context.Context, stdout, stderr io.Writer, dir, rev string) int {
	found, err := changesSince(ctx, dir, rev)
	if err != nil {
		fmt.Fprintln(stderr, "specdiff:", err)
		return 2
	}
	breaking := report(stdout, found)
	switch {
	case len(found) == 0:
		fmt.Fprintf(stdout, "nothing that matters to a client changed since %s\n", rev)
	case breaking > 0:
		fmt.Fprintf(stdout, "%d changes since %s, %d of them breaking\n", len(found), rev, breaking)
		return 1
	default:
		fmt.Fprintf(stdout, "%d changes since %s, none of them breaking\n", len(found), rev)
	}
	return 0
}

// changesSince compares the document of a revision with that of the work tree.
func changesSince(ctx context.Context, dir, rev string) ([]change, error) {
	root, err := moduleRoot(dir)
	if err != nil {
		return nil, err
	}
	base, err := committed(ctx, root, rev)
	if err != nil {
		return nil, err
	}
	now, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(document)))
	if err != nil {
		return nil, err
	}
	rules, err := os.Open(filepath.Join(root, filepath.FromSlash(severities)))
	if err != nil {
		return nil, err
	}
	defer rules.Close()
	found, err := compare(base, now, rules)
	if err != nil {
		return nil, fmt.Errorf("the documents cannot be compared: %w", err)
	}
	return found, nil
}
