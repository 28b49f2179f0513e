package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/commbox/internal/await"
)

// uploadArgs is what "commbox upload" was asked to do.
type uploadArgs struct {
	stream, name, journal, failed, filesFrom, bwlimit string
	workers                                           int
	json, demo, recursive, dryRun, quiet              bool
	files                                             []string
}

// leastLimit keeps the pauses of --bwlimit far below the stall timeout.
const leastLimit = 16_000

// maxWorkers is where more uploads at once are certainly a slip of the finger.
const maxWorkers = 256

func uploadCommand(std streams) *cobra.Command {
	var a uploadArgs
	cmd := &cobra.Command{
		Use:     "upload [flags] FILE|DIR|GLOB|- ...",
		Short:   "Upload files and print their media IDs",
		Example: "  commbox upload --journal uploads.jsonl --recursive offers",
		Long:    help("upload"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.files = args
			return a.run(cmd.Context(), std)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&a.stream, "stream", os.Getenv("COMMBOX_STREAM_ID"), "the channel to upload to, an `ID` raw or percent-encoded")
	fs.IntVar(&a.workers, "workers", 4, "uploads at the same time")
	fs.BoolVar(&a.recursive, "recursive", false, "enter the folders inside a DIR, too; links to folders are not entered")
	fs.StringVar(&a.filesFrom, "files-from", "", "upload also the files that `FILE` names, one a line; - reads the list from standard input")
	fs.StringVar(&a.failed, "failed", "", "write the files that another run may upload to `FILE`, for --files-from")
	fs.StringVar(&a.journal, "journal", "", "note every uploaded file in `FILE`, and skip what it holds: the same path, size, time of change and channel, in the last 30 days")
	fs.StringVar(&a.bwlimit, "bwlimit", "", "send at most so many bytes per second in all, such as 500K or 2MiB (`RATE`)")
	fs.BoolVar(&a.json, "json", false, "print one JSON object per file, as each one ends")
	fs.BoolVar(&a.dryRun, "dry-run", false, "send nothing; show type and size, what would be refused, and what WhatsApp will probably refuse")
	fs.StringVar(&a.name, "name", "", "the file `NAME` that standard input gets in WhatsApp")
	fs.BoolVar(&a.quiet, "quiet", false, "no progress and no summary")
	fs.BoolVar(&a.demo, "demo", false, "upload to a CommBox inside this process: needs no key, no stream, no network")
	return cmd
}

// check finds what can be told to be wrong without looking at files or keys.
func (a *uploadArgs) check() error {
	stdin := slices.Index(a.files, "-")
	twice := stdin >= 0 && (a.filesFrom == "-" || slices.Contains(a.files[stdin+1:], "-"))
	limit, _ := humanize.ParseBytes(a.bwlimit)
	real := !a.demo && !a.dryRun
	noKey := strings.TrimSpace(os.Getenv("COMMBOX_API_KEY")) == "" && os.Getenv("COMMBOX_API_KEY_FILE") == ""
	for _, wrong := range []struct {
		is   bool
		says string
	}{
		{len(a.files) == 0 && a.filesFrom == "", "no files; name at least one FILE, DIR or GLOB, or - for standard input"},
		{slices.Contains(a.files, ""), "an empty file name; is a variable in the command line empty?"},
		{a.workers < 1 || a.workers > maxWorkers, fmt.Sprintf("--workers %d; it can be 1 to %d", a.workers, maxWorkers)},
		{a.bwlimit != "" && (limit < leastLimit || limit > math.MaxInt32), "--bwlimit " + a.bwlimit + "; want bytes per second, such as 500K or 2MiB, and at least 16K"},
		{twice, "- stands for standard input and can be there only once"},
		{stdin >= 0 && a.name == "", "- needs --name: the file name that WhatsApp will show, such as --name offer.pdf"},
		{stdin < 0 && a.name != "", "--name is for standard input (-); a file keeps its own name"},
		{real && a.stream == "", "no stream ID; give --stream or set COMMBOX_STREAM_ID (CommBox console: the ID of the WhatsApp channel), or try --demo"},
		{real && noKey, "no API key; set COMMBOX_API_KEY or COMMBOX_API_KEY_FILE (the key is made in the CommBox console under Settings > API), or try --demo"},
	} {
		if wrong.is {
			return errors.New(wrong.says)
		}
	}
	return nil
}

// run is "commbox upload".
func (a *uploadArgs) run(ctx context.Context, std streams) error {
	if err := a.check(); err != nil {
		return err
	}
	b := batch{args: a, std: std, stream: cmp.Or(a.stream, "demo"), journal: new(journal), limit: rate.NewLimiter(rate.Inf, 0)}
	if n, err := humanize.ParseBytes(a.bwlimit); err == nil {
		b.limit = rate.NewLimiter(rate.Limit(n), int(max(n/4, 64<<10)))
	}
	var err error
	if a.demo || a.dryRun { // a dry run meets every check that the client makes of a file
		server := commboxtest.NewServer()
		defer server.Close()
		b.client, b.baseURL = server.Client(), "demo" // the port is another one each time
	} else if b.client, err = commbox.NewFromEnv(); err != nil {
		return err
	}
	if !a.demo {
		b.baseURL = cmp.Or(os.Getenv("COMMBOX_BASE_URL"), commbox.DefaultBaseURL)
	}
	if a.journal != "" {
		if b.journal, err = openJournal(a.journal, time.Now(), std.err); err != nil {
			return fmt.Errorf("journal %s: %w", a.journal, err)
		}
		defer b.journal.f.Close()
	}
	// A pipe that says nothing does not outlive ctx, and neither does a folder that
	// hangs.
	_, err = await.Do(ctx, func() (any, error) { return nil, b.find() }, func(any) {})
	if ctx.Err() != nil {
		return exitInterrupted
	}
	if err != nil {
		return err
	}
	return b.run(ctx)
}
