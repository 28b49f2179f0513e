// Command generate makes api/openapi.json and gen/ from what CommBox published
// (api/published/) and the repairs of it (api/overlay.yaml). It runs in the
// root of the module and replaces all of its output or nothing.
//
//	go run ./api/cmd/generate            replace what changed
//	go run ./api/cmd/generate -check     change nothing; fail with a diff if something would
//	go run ./api/cmd/generate -strict    warnings are errors; so does STRICT=1
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/commbox-go/client/api/internal/project"
)

func main() {
	check := flag.Bool("check", false, "change nothing; fail with a diff if something would change")
	strict := flag.Bool("strict", os.Getenv("STRICT") != "" && os.Getenv("STRICT") != "0", "treat warnings as errors; default by STRICT")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *check, *strict)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, prefixed("error: ", err))
		os.Exit(1)
	}
}

func run(ctx context.Context, check, strict bool) error {
	out, err := project.Make(ctx, ".", strict)
	if len(out.Warnings) > 0 {
		fmt.Fprintln(os.Stderr, prefixed("warning: ", out.Warnings))
	}
	if err != nil {
		return err
	}
	if check {
		return compare(out.Files)
	}
	changed, err := project.Publish(".", out.Files)
	if err == nil && len(changed) == 0 {
		fmt.Println("nothing changed")
	}
	for _, name := range changed {
		fmt.Println("wrote", name)
	}
	return err
}

func compare(files []project.File) error {
	diff, err := project.Check(".", files)
	if err != nil {
		return err
	}
	if diff != "" {
		fmt.Print(diff)
		return fmt.Errorf("the committed files are not what the sources give: run make generate and commit the result")
	}
	return nil
}

// prefixed puts a word in front of every line.
func prefixed(word string, err error) string {
	return word + strings.ReplaceAll(err.Error(), "\n", "\n"+word)
}
