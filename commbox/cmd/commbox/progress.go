package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// display shows on standard error how a run is going. Its methods are safe for
// concurrent use.
type display interface {
	// begin is told that the nth file is next; what it returns, if it is not
	// nil, is told how many bytes of it are on their way.
	begin(n int, name string, size int64) func(sent, total int64)
	// end is told what became of a file.
	end(r row)
	// pause runs write while nothing is being drawn.
	pause(write func())
	// close takes the display away.
	close()
}

// newDisplay chooses: lines that move on a terminal that can move its cursor, else a line
// per finished file. measure finds out how many files and bytes there are.
func newDisplay(a uploadArgs, std streams, measure func(stop <-chan struct{}) (files int, bytes int64)) display {
	f, isFile := std.err.(*os.File)
	switch {
	case a.quiet, a.dryRun: // a dry run takes no time
		return lines{io.Discard}
	case !isFile || os.Getenv("TERM") == "dumb" || !term.IsTerminal(int(f.Fd())):
		return lines{std.err}
	case a.json && terminalWidth(std.out) > 0:
		return lines{io.Discard} // the lines of --json are there to be seen
	default:
		return newLive(f, measure)
	}
}

// terminalWidth is in cells; 0 if w is no terminal.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width == 0 {
		return 80
	}
	return width
}

// lines is the display for pipes, log files and dumb terminals.
type lines struct{ out io.Writer }

func (lines) begin(int, string, int64) func(sent, total int64) { return nil }

func (l lines) end(r row) { fmt.Fprintln(l.out, endLine(r)) }

func (lines) pause(write func()) { write() }

func (lines) close() {}

// endLine says what became of a file.
func endLine(r row) string {
	name := printable(r.file)
	switch {
	case r.err != nil:
		return name + ": failed" // why is in the summary
	case r.already:
		return fmt.Sprintf("%s: already uploaded", name)
	default:
		return fmt.Sprintf("%s: uploaded, %s", name, sizeText(r.size))
	}
}

// tally counts what became of the files.
type tally struct {
	uploaded, already, failed int
	bytes                     int64 // of the uploaded ones
}

func (t *tally) count(r row) {
	switch {
	case r.err != nil:
		t.failed++
	case r.already:
		t.already++
	default:
		t.uploaded++
		t.bytes += max(r.size, 0)
	}
}

// summary is the last line of a run.
func (t tally) summary(dryRun bool, took time.Duration) string {
	if dryRun {
		return fmt.Sprintf("dry run, nothing was sent: %d would be uploaded (%s), %d already uploaded, %d refused",
			t.uploaded, sizeText(t.bytes), t.already, t.failed)
	}
	s := fmt.Sprintf("%d uploaded (%s)", t.uploaded, sizeText(t.bytes))
	if t.already > 0 {
		s += fmt.Sprintf(", %d already uploaded", t.already)
	}
	if t.failed > 0 {
		s += fmt.Sprintf(", %d failed", t.failed)
	}
	return s + " in " + durationText(took)
}
