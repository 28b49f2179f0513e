// Command commbox puts files into WhatsApp through CommBox and prints the media
// ID of each. "commbox help" is its manual.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit statuses.
const (
	exitOK          = 0   // every file was uploaded
	exitFailed      = 1   // at least one was not; each with its reason
	exitUsage       = 2   // the command line or the environment cannot work
	exitInterrupted = 130 // ctrl-C or SIGTERM
)

// streams are the standard ones: results go to out, all else to err.
type streams struct {
	in       *os.File
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From here on a second ctrl-C ends the process on the spot.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// run is the whole command but for the signals; it returns the exit status.
func run(ctx context.Context, args []string, std streams) int {
	if len(args) == 0 {
		fmt.Fprint(std.err, usage)
		return exitUsage
	}
	switch args[0] {
	case "upload":
		return runUpload(ctx, args[1:], std)
	case "version", "--version", "-version":
		fmt.Fprintln(std.out, version())
		return exitOK
	case "help", "--help", "-help", "-h":
		fmt.Fprint(std.out, usage)
		return exitOK
	default:
		fmt.Fprintf(std.err, "commbox: there is no command %q; \"commbox help\" lists them\n", args[0])
		return exitUsage
	}
}
