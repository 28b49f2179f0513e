package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// uploadArgs is what "commbox upload" was asked to do.
type uploadArgs struct {
	stream, name, journal, failed, filesFrom string
	bandwidth                                rate
	workers                                  int
	json, demo, recursive, dryRun, quiet     bool
	files, listed                            []string // of the command line; of --files-from
}

// maxWorkers is where more uploads at once are certainly a slip of the finger.
const maxWorkers = 256

func uploadCommand(std streams) *cobra.Command {
	var a uploadArgs
	cmd := &cobra.Command{
		Use:     "upload [flags] FILE|DIR|GLOB|- ...",
		Short:   "Upload files and print their media IDs",
		Example: "  commbox upload --journal uploads.jsonl --recursive offers",
		Long: `A DIR stands for the files directly in it, a GLOB ("*.pdf") for what it matches,
- for standard input. In both, files whose name begins with a dot are skipped.
Flags may stand before, between and after the files; after -- all are files.

` + environment + "\n\n" + exitHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.files = args
			return a.run(cmd, std)
		},
	}
	a.flags(cmd)
	return cmd
}

func (a *uploadArgs) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&a.stream, "stream", os.Getenv("COMMBOX_STREAM_ID"), "the channel to upload to, an `ID` raw or percent-encoded")
	fs.IntVar(&a.workers, "workers", 4, "uploads at the same time")
	fs.BoolVar(&a.recursive, "recursive", false, "enter the folders inside a DIR, too; links to folders are not entered")
	fs.StringVar(&a.filesFrom, "files-from", "", "upload also the files that `FILE` names, one a line; - reads the list from standard input")
	fs.StringVar(&a.failed, "failed", "", "write the files that another run may upload to `FILE`, for --files-from")
	fs.StringVar(&a.journal, "journal", "", "note every finished file in `FILE`, and skip what it holds as done: the same path, size, time of change and channel, in the last 30 days")
	fs.Var(&a.bandwidth, "bwlimit", "send at most so many bytes per second in all, such as 500K or 2M (`RATE`)")
	fs.BoolVar(&a.json, "json", false, "print one JSON object per file, as each one ends")
	fs.BoolVar(&a.dryRun, "dry-run", false, "send nothing; show type and size, and what would be refused")
	fs.StringVar(&a.name, "name", "", "the file `NAME` that standard input gets in WhatsApp")
	fs.BoolVar(&a.quiet, "quiet", false, "no progress and no summary")
	fs.BoolVar(&a.demo, "demo", false, "upload to a CommBox inside this process: needs no key, no stream, no network")
	for _, name := range []string{"stream", "workers", "bwlimit", "name"} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}

// run is "commbox upload".
func (a *uploadArgs) run(cmd *cobra.Command, std streams) error {
	if err := a.check(); err != nil {
		return err
	}
	if a.filesFrom != "" {
		if err := a.readList(cmd.Context(), std); err != nil {
			return err
		}
	}
	t, err := connect(*a)
	if err != nil {
		return err
	}
	defer t.close()
	var j *journal
	if a.journal != "" {
		if j, err = openJournal(cmd.Context(), a.journal, time.Now()); err != nil {
			return err
		}
		defer j.Close()
		if j.warning != "" {
			fmt.Fprintln(std.err, j.warning)
		}
	}
	if t.note != "" && !a.quiet {
		fmt.Fprintln(std.err, t.note)
	}
	return newBatch(*a, t, j, std).upload(cmd.Context())
}

// check finds what can be told to be wrong without looking at files or keys.
func (a *uploadArgs) check() error {
	stdin := 0
	for _, f := range a.files {
		if f == "-" {
			stdin++
		}
		if f == "" {
			return errors.New("an empty file name; is a variable in the command line empty?")
		}
	}
	switch {
	case len(a.files) == 0 && a.filesFrom == "":
		return errors.New("no files; name at least one FILE, DIR or GLOB, or - for standard input")
	case a.workers < 1 || a.workers > maxWorkers:
		return fmt.Errorf("--workers %d; it can be 1 to %d", a.workers, maxWorkers)
	case stdin > 1 || stdin == 1 && a.filesFrom == "-":
		return errors.New("- stands for standard input and can be there only once")
	case stdin == 1 && a.name == "":
		return errors.New("- needs --name: the file name that WhatsApp will show, such as --name offer.pdf")
	case stdin == 0 && a.name != "":
		return errors.New("--name is for standard input (-); a file keeps its own name")
	case a.demo || a.dryRun:
		return nil
	case a.stream == "":
		return errors.New("no stream ID; give --stream or set COMMBOX_STREAM_ID (CommBox console: the ID of the WhatsApp channel), or try --demo")
	case strings.TrimSpace(os.Getenv("COMMBOX_API_KEY")) == "" && os.Getenv("COMMBOX_API_KEY_FILE") == "":
		return errors.New("no API key; set COMMBOX_API_KEY or COMMBOX_API_KEY_FILE (the key is made in the CommBox console under Settings > API), or try --demo")
	}
	return nil
}
