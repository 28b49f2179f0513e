package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

const usage = `commbox puts files into WhatsApp through CommBox and prints their media IDs.

usage:
  commbox upload [flags] FILE|DIR|GLOB|- ...
  commbox version
  commbox help

A DIR stands for the files directly in it, a GLOB ("*.pdf") for what it matches,
- for standard input. In both, files whose name begins with a dot are skipped.
Flags may stand before, between and after the files; after -- all are files.

flags of upload:
  --stream ID      the channel to upload to, raw or percent-encoded
  --workers N      uploads at the same time (default 4)
  --recursive      enter the folders inside a DIR, too; links to folders are not entered
  --json           print one JSON object per file, as each one ends
  --journal FILE   note every finished file in FILE, and skip what it holds as done:
                   the same path, size, time of change and channel, in the last 30 days
  --dry-run        send nothing; show type and size, and what would be refused
  --name NAME      the file name that standard input gets in WhatsApp
  --quiet          no progress and no summary
  --demo           upload to a CommBox inside this process: needs no key, no stream, no network

environment:
  COMMBOX_API_KEY        the API key: CommBox console, Settings > API
  COMMBOX_API_KEY_FILE   or a file that holds it, read again when it changes
  COMMBOX_STREAM_ID      what --stream says, if it says nothing
  COMMBOX_BASE_URL       another address than https://api.commbox.io/

exit status:
  0 every file was uploaded   1 some were not   2 usage   130 interrupted
`

// uploadArgs is what "commbox upload" was asked to do.
type uploadArgs struct {
	stream, name, journal                string
	workers                              int
	json, demo, recursive, dryRun, quiet bool
	files                                []string
}

// maxWorkers is where more uploads at once are certainly a slip of the finger.
const maxWorkers = 256

// parseUpload reads the arguments after "upload". The error is flag.ErrHelp if
// help was asked for.
func parseUpload(args []string) (uploadArgs, error) {
	var a uploadArgs
	fs := flag.NewFlagSet("upload", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&a.stream, "stream", os.Getenv("COMMBOX_STREAM_ID"), "")
	fs.StringVar(&a.name, "name", "", "")
	fs.StringVar(&a.journal, "journal", "", "")
	fs.IntVar(&a.workers, "workers", 4, "")
	fs.BoolVar(&a.json, "json", false, "")
	fs.BoolVar(&a.demo, "demo", false, "")
	fs.BoolVar(&a.recursive, "recursive", false, "")
	fs.BoolVar(&a.dryRun, "dry-run", false, "")
	fs.BoolVar(&a.quiet, "quiet", false, "")

	var tail []string
	if i := slices.Index(args, "--"); i >= 0 {
		args, tail = args[:i], args[i+1:]
	}
	// Package flag stops at the first argument that is no flag; go on behind it.
	for {
		if err := fs.Parse(args); err != nil {
			return a, err
		}
		if fs.NArg() == 0 {
			break
		}
		a.files = append(a.files, fs.Arg(0))
		args = fs.Args()[1:]
	}
	a.files = append(a.files, tail...)
	return a, a.check()
}

// check finds what can be told to be wrong without looking at files or keys.
func (a uploadArgs) check() error {
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
	case len(a.files) == 0:
		return errors.New("no files; name at least one FILE, DIR or GLOB, or - for standard input")
	case a.workers < 1 || a.workers > maxWorkers:
		return fmt.Errorf("--workers %d; it can be 1 to %d", a.workers, maxWorkers)
	case stdin > 1:
		return errors.New("- stands for standard input and can be there only once")
	case stdin == 1 && a.name == "":
		return errors.New("- needs --name: the file name that WhatsApp will show, such as --name offer.pdf")
	case stdin == 0 && a.name != "":
		return errors.New("--name is for standard input (-); a file keeps its own name")
	case a.stream == "" && !a.demo && !a.dryRun:
		return errors.New("no stream ID; give --stream or set COMMBOX_STREAM_ID (CommBox console: the ID of the WhatsApp channel), or try --demo")
	case !a.demo && !a.dryRun && strings.TrimSpace(os.Getenv("COMMBOX_API_KEY")) == "" && os.Getenv("COMMBOX_API_KEY_FILE") == "":
		return errors.New("no API key; set COMMBOX_API_KEY or COMMBOX_API_KEY_FILE (the key is made in the CommBox console under Settings > API), or try --demo")
	}
	return nil
}
