// Command generate makes api/openapi.json and gen/ from what CommBox published
// (api/published/) and the repairs of that (api/overlay.yaml). It runs in the root of
// the module, and replaces all of its output or nothing.
//
//	go run ./api/cmd/generate            replace what changed
//	go run ./api/cmd/generate -check     change nothing; fail with a diff if something would
//	go run ./api/cmd/generate -strict    new defects are errors; so does STRICT=1
//	go run ./api/cmd/generate -v         show every defect, not only the new ones
package main

import (
	"cmp"
	"context"
	"errors"
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
	strict := flag.Bool("strict", cmp.Or(os.Getenv("STRICT"), "0") != "0", "treat new defects as errors; default by STRICT")
	verbose := flag.Bool("v", false, "show every defect and note, not only the new ones by kind")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *check, *strict, *verbose)
	stop()
	if err != nil {
		say("error: ", err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, check, strict, verbose bool) error {
	out, err := project.Make(ctx, ".", strict)
	if verbose {
		say("warning: ", out.Defects.Error())
	} else {
		say("warning: ", project.Summary(out.New))
	}
	if err != nil {
		return err
	}
	if check {
		differences := project.Check(".", out.Files)
		fmt.Print(differences)
		if differences != "" {
			return errors.New("the committed files are not what the sources give: run make generate and commit the result")
		}
		return nil
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

// say prints a text to standard error, with a word in front of every line.
func say(word, text string) {
	if text != "" {
		fmt.Fprintln(os.Stderr, word+strings.ReplaceAll(text, "\n", "\n"+word))
	}
}
