// Command fetch downloads CommBox's pages from its help centre into api/published:
// the pages that are there already, or with ALL=1 every page that documents an
// operation. HELP is the URL of another site than the help centre. fetch runs in the
// root of the module. It writes all files or none, and says which pages are new,
// changed or gone. It keeps the file of a page that is gone, so that the client keeps
// the operation. Delete the file to remove the operation.
package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path"
	"syscall"
	"time"

	"github.com/commbox-go/client/api/internal/helpcentre"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, cmp.Or(os.Getenv("HELP"), "https://help.commbox.io"), cmp.Or(os.Getenv("ALL"), "0") != "0")
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\nnothing was changed\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, help string, all bool) error {
	index, err := url.Parse(help)
	if err != nil {
		return err
	}
	if path.Ext(index.Path) == "" {
		index = index.JoinPath("llms.txt")
	}
	changes, err := helpcentre.Fetch(ctx, ".", index, all, time.Minute)
	if err != nil {
		return err
	}
	unchanged := 0
	for _, change := range changes {
		if change.Kind == "unchanged" {
			unchanged++
		} else {
			fmt.Printf("%-8s %s\n", change.Kind, change.File)
		}
	}
	fmt.Printf("%d unchanged\n", unchanged)
	return nil
}
