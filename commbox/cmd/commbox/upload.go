package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"
)

// runUpload is "commbox upload".
func runUpload(ctx context.Context, args []string, std streams) int {
	a, err := parseUpload(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(std.out, usage)
		return exitOK
	}
	if err != nil {
		return refuse(std, err)
	}
	t, err := connect(a)
	if err != nil {
		return refuse(std, err)
	}
	defer t.close()
	var j *journal
	if a.journal != "" {
		if j, err = openJournal(a.journal, time.Now()); err != nil {
			return refuse(std, err)
		}
		defer j.Close()
	}
	if t.note != "" && !a.quiet {
		fmt.Fprintln(std.err, t.note)
	}
	return newBatch(a, t, j, std).upload(ctx)
}

// refuse says why the command cannot begin.
func refuse(std streams, err error) int {
	fmt.Fprintf(std.err, "commbox upload: %s\n\"commbox help\" has the flags and the environment.\n", reason(err))
	return exitUsage
}
