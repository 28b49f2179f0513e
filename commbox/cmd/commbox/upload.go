package main

import (
	"cmp"
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
	"github.com/commbox-go/client/commbox/wire"
)

// leastLimit is the lowest --bwlimit per worker, in bytes per second. It keeps the
// pauses of --bwlimit, which come after every 32 KiB, far below the stall timeout.
const leastLimit = 4_000

// maxWorkers is the highest --workers. A higher number is certainly a typing error.
const maxWorkers = 256

func uploadCommand() *cobra.Command {
	var b batch
	cmd := &cobra.Command{
		Use:   "upload [flags] FILE|DIR|GLOB|- ...",
		Short: "Upload files and print their media IDs",
		Long:  help("upload"),
		Args:  b.check,
		RunE:  b.start,
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&b.stream, "stream", os.Getenv("COMMBOX_STREAM_ID"), "the `ID` of the channel to upload to, raw or percent-encoded")
	fs.IntVar(&b.workers, "workers", 4, "uploads at the same time")
	fs.BoolVar(&b.recursive, "recursive", false, "also upload the folders inside a DIR, but not links to folders")
	fs.StringVar(&b.filesFrom, "files-from", "", "also upload the files that `FILE` lists, one per line; - reads the list from standard input")
	fs.StringVar(&b.failed, "failed", "", "write to `FILE` a list of the files that another run may upload, for --files-from")
	fs.StringVar(&b.journalFile, "journal", "", "record every uploaded file in `FILE`, and skip files that it has from the last 30 days, with the same path, size, modification time and channel")
	fs.StringVar(&b.bwlimit, "bwlimit", "", "limit all uploads together to `RATE` bytes per second, such as 500K or 2MiB")
	fs.BoolVar(&b.json, "json", false, "print one JSON object per file, as soon as the file is done")
	fs.BoolVar(&b.dryRun, "dry-run", false, "send nothing; show types, sizes, the files that would be refused, and those that WhatsApp will probably refuse")
	fs.StringVar(&b.name, "name", "", "the file `NAME` of standard input in WhatsApp")
	fs.BoolVar(&b.quiet, "quiet", false, "print no progress and no summary")
	fs.BoolVar(&b.demo, "demo", false, "upload to a CommBox inside this process; needs no key, no stream, no network")
	return cmd
}

// check returns an error if the command line or the environment cannot work. It does not
// look at files or keys.
func (b *batch) check(_ *cobra.Command, args []string) error {
	b.args = args
	stdin := slices.Index(b.args, "-")
	limit, _ := humanize.ParseBytes(b.bwlimit)
	b.limit = rate.NewLimiter(cmp.Or(rate.Limit(limit), rate.Inf), int(max(limit/4, 64<<10)))
	_, badStream := wire.ID(b.stream)
	remote := !b.demo && !b.dryRun
	noKey := strings.TrimSpace(os.Getenv("COMMBOX_API_KEY")) == "" && os.Getenv("COMMBOX_API_KEY_FILE") == ""
	for _, wrong := range []struct {
		is   bool
		says string
	}{
		{len(b.args) == 0 && b.filesFrom == "", "no files; name at least one FILE, DIR or GLOB, or - for standard input"},
		{slices.Contains(b.args, ""), "an empty file name; is a variable in the command line empty?"},
		{b.workers < 1 || b.workers > maxWorkers, fmt.Sprintf("--workers %d; it can be 1 to %d", b.workers, maxWorkers)},
		{b.bwlimit != "" && (limit < leastLimit*uint64(max(b.workers, 1)) || limit > math.MaxInt32), "--bwlimit " + b.bwlimit + "; want bytes per second, such as 500K or 2MiB, and at least 4K for each of the --workers"},
		{stdin >= 0 && (b.filesFrom == "-" || slices.Contains(b.args[stdin+1:], "-")), "- stands for standard input and can be there only once"},
		{stdin >= 0 && b.name == "", "- needs --name: the file name that WhatsApp will show, such as --name offer.pdf"},
		{stdin < 0 && b.name != "", "--name is for standard input (-); a file keeps its own name"},
		{badStream != nil && (remote || b.stream != ""), fmt.Sprintf("the stream ID %v; give --stream or set COMMBOX_STREAM_ID (CommBox console: the ID of the WhatsApp channel), or try --demo", badStream)},
		{remote && noKey, "no API key; set COMMBOX_API_KEY or COMMBOX_API_KEY_FILE (the key is made in the CommBox console under Settings > API), or try --demo"},
	} {
		if wrong.is {
			return errors.New(wrong.says)
		}
	}
	return nil
}

// start is "commbox upload", after check.
func (b *batch) start(cmd *cobra.Command, _ []string) (err error) {
	b.in, b.out, b.err = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
	b.baseURL = cmp.Or(os.Getenv("COMMBOX_BASE_URL"), commbox.DefaultBaseURL)
	if b.demo || b.dryRun { // in a dry run the client makes all its checks of a file
		server := commboxtest.NewServer()
		defer server.Close()
		forget := commbox.WithObserver(func(commbox.Attempt) { server.Forget() }) // memory must not grow with the files
		b.client, b.stream = server.Client(forget), cmp.Or(b.stream, "demo")
	} else if b.client, err = commbox.NewFromEnv(); err != nil {
		return err
	}
	if b.demo {
		b.baseURL = "demo" // the port differs from run to run
	}
	if b.journalFile != "" {
		if b.journal, err = openJournal(b.journalFile, time.Now(), b.err); err != nil {
			return fmt.Errorf("journal %s: %w", b.journalFile, err)
		}
		defer b.journal.Close()
	}
	// Return when the context ends, even if a pipe or a folder blocks.
	if _, err = await.Do(cmd.Context(), func() (any, error) { return nil, b.find() }, func(any) {}); err != nil {
		return err
	}
	return b.run(cmd.Context())
}
