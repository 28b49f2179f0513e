package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// table returns a line for each file that ended.
func table(rows []row, dryRun bool, width int) string {
	lines := [][]string{{"FILE", "MEDIA ID", "TYPE", "    SIZE", "ATTEMPTS"}}
	if dryRun {
		lines[0][1], lines[0][4] = "RESULT", ""
	}
	for _, r := range rows {
		note := strings.TrimPrefix(strconv.Itoa(r.Attempts), "0") // leave out 0
		if r.Already {
			note = r.outcome()
		}
		if r.ended {
			lines = append(lines, []string{printable(r.File), cmp.Or(r.ID, r.outcome()), r.ContentType, fmt.Sprintf("%8s", sizeText(r.Size)), note})
		}
	}
	return layout(lines, width, 4, 2, 3)
}

// gap is the number of cells between columns.
const gap = 2

// layout returns rows as lines, with columns as wide as their cells need. If the lines
// are wider than width (0: no limit), it drops the columns in drop, in that order, and
// then shortens the cells of the first column that still differ when shortened.
func layout(rows [][]string, width int, drop ...int) string {
	var widths [5]int
	for _, row := range rows {
		for c, cell := range row {
			widths[c] = max(widths[c], runewidth.StringWidth(cell))
		}
	}
	over := -gap - width // how many cells too wide
	for _, w := range widths {
		if w > 0 {
			over += w + gap
		}
	}
	if width > 0 && over > 0 && len(drop) > 0 {
		for _, row := range rows {
			row[drop[0]] = ""
		}
		return layout(rows, width, drop[1:]...)
	}
	if width > 0 && over > 0 {
		widths[0] = max(widths[0]-over, 8)
	}
	alike := make(map[string]int)
	for _, row := range rows {
		alike[shorten(row[0], widths[0])]++
	}
	var lines strings.Builder
	for _, row := range rows {
		line := runewidth.FillRight(shorten(row[0], widths[0]), widths[0])
		if alike[shorten(row[0], widths[0])] > 1 && runewidth.StringWidth(row[0]) > widths[0] { // it needs a line of its own
			line = row[0] + "\n" + strings.Repeat(" ", widths[0])
		}
		for c, cell := range row[1:] {
			if w := widths[c+1]; w > 0 {
				line += strings.Repeat(" ", gap) + runewidth.FillRight(cell, w)
			}
		}
		lines.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return lines.String()
}

// shorten replaces the middle of s if s is wider than width cells. The beginning and the
// extension of a file name say most.
func shorten(s string, width int) string {
	all := runewidth.StringWidth(s)
	if all <= width {
		return s
	}
	tail := runewidth.TruncateLeft(s, all-(width-1)/2, "")
	return runewidth.Truncate(s, width-1-runewidth.StringWidth(tail), "") + "…" + tail
}

// printable makes a name safe to print: it escapes characters that would control the
// terminal or change the direction of text.
func printable(s string) string {
	quoted := strconv.QuoteToGraphic(s)
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(quoted[1 : len(quoted)-1])
}

// sizeText formats a number of bytes for people.
func sizeText(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

// durationText formats a duration for people: 12 s, 3 min 20 s, 1 h 5 min.
func durationText(d time.Duration) string {
	return strings.NewReplacer("h0m0s", " h", "m0s", " min", "h", " h ", "m", " min ", "s", " s").Replace(max(d.Round(time.Second), time.Second).String())
}

// progress shows the progress of a run on standard error. On a terminal it draws one line
// again and again, elsewhere it prints a line per finished file. It is safe for
// concurrent use.
type progress struct {
	out   io.Writer
	began time.Time

	mu           sync.Mutex
	live         bool
	files, ended int
	bytes, sent  int64
	running      []*row
	drawn        int // width of the line on the screen, in cells
}

// redraw is the time between drawings.
const redraw = 200 * time.Millisecond

// start begins the display for the files that will be sent.
func (p *progress) start(rows []*row) {
	p.began, p.files = time.Now(), len(rows)
	for _, r := range rows {
		p.bytes += r.Size
	}
	time.AfterFunc(redraw, p.draw)
}

// begin adds a file to the display. It returns a function that takes the number of bytes
// sent so far, and returns how many were added since its last call.
func (p *progress) begin(r *row) func(sent int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = append(p.running, r)
	before := int64(0)
	return func(sent int64) int {
		p.mu.Lock()
		defer p.mu.Unlock()
		more := sent - before
		p.sent += more
		before = sent
		return int(max(more, 0))
	}
}

// end removes a file from the display, or prints its result.
func (p *progress) end(r *row) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.running, r); i >= 0 {
		p.running = slices.Delete(p.running, i, i+1)
		p.ended++
	}
	if !p.live {
		fmt.Fprintf(p.out, "%s: %s\n", printable(r.File), r.outcome())
	}
}

// without erases the line, then calls write while nothing is drawn.
func (p *progress) without(write func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.replace("")
	write()
}

// draw draws the line now and after every redraw.
func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.live {
		return
	}
	line := fmt.Sprintf("total %d of %d files, %s of %s", p.ended, p.files, sizeText(p.sent), sizeText(max(p.bytes, p.sent)))
	if speed := float64(p.sent) / time.Since(p.began).Seconds(); speed > 1 {
		line += fmt.Sprintf(", %s/s, %s left", sizeText(int64(speed)), durationText(time.Duration(float64(max(p.bytes-p.sent, 0))/speed*1e9)))
	}
	for _, r := range p.running {
		line += ", " + printable(r.File)
	}
	// A terminal that becomes narrower breaks a line of more than 80 cells before the
	// program can learn the new width. The 3 cells are for "^C".
	p.replace(runewidth.Truncate(line, min(terminalWidth(p.out), 80)-3, "…"))
	time.AfterFunc(redraw, p.draw)
}

// replace replaces the line on the screen in one write. The caller holds mu.
func (p *progress) replace(line string) {
	erase := ""
	if up := (p.drawn - 1) / max(terminalWidth(p.out), 1); up > 0 { // the terminal has broken the line
		erase = fmt.Sprintf("\x1b[%dA", up)
	}
	if p.drawn > 0 {
		erase += "\r\x1b[J"
	}
	p.drawn = runewidth.StringWidth(line)
	_, _ = io.WriteString(p.out, erase+line) // the terminal may be gone
}

// terminalWidth returns the width in cells, or 0 if w is not a terminal.
func terminalWidth(w io.Writer) int {
	f, _ := w.(*os.File) // a nil File has an invalid descriptor
	width, _, _ := term.GetSize(int(f.Fd()))
	return width
}
