// Command fetch takes CommBox's pages from its help centre into api/published:
// those that are there already, or every page that holds an operation. It runs
// in the root of the module, writes everything or nothing, and says which
// pages are new, changed or gone. The file of a page that is gone stays, for
// without it an operation would vanish from the client; delete it to let go.
//
//	go run ./api/cmd/fetch               the pages that are there; their index by HELP
//	go run ./api/cmd/fetch -all          every page that holds an operation; so does ALL=1
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path"
	"syscall"
	"time"

	"github.com/commbox-go/client/api/internal/helpcentre"
)

const (
	helpCentre = "https://help.commbox.io/llms.txt"
	timeout    = time.Minute // for one page
)

func main() {
	all := flag.Bool("all", os.Getenv("ALL") != "" && os.Getenv("ALL") != "0", "take every page that holds an operation; default by ALL")
	index := flag.String("index", cmp.Or(os.Getenv("HELP"), helpCentre), "`URL` of the help centre or of its index of pages; default by HELP")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *index, *all)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\nnothing was changed\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, index string, all bool) error {
	place, err := url.Parse(index)
	if err != nil || place.Host == "" || place.Scheme != "https" && place.Scheme != "http" {
		return fmt.Errorf("%q is no URL of a help centre, such as %s", index, helpCentre)
	}
	if path.Ext(place.Path) == "" {
		place = place.JoinPath("llms.txt")
	}
	changes, err := helpcentre.Fetch(ctx, ".", place, all, timeout)
	if err != nil {
		return err
	}
	count := map[helpcentre.Kind]int{}
	for _, change := range changes {
		if count[change.Kind]++; change.Kind != helpcentre.Unchanged {
			fmt.Printf("%-8s %s\n", change.Kind, change.File)
		}
	}
	fmt.Printf("%d new, %d changed, %d gone, %d unchanged\n", count[helpcentre.New], count[helpcentre.Changed], count[helpcentre.Gone], count[helpcentre.Unchanged])
	return nil
}
