package main

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
)

// tableBlock is how many rows are held back for common column widths and the
// order of the command line: all of them in most runs, and never more.
const tableBlock = 1000

// The columns; a dry run has no media ID.
const (
	colFile = iota
	colID
	colType
	colSize
	colNote // attempts, or what there is to say instead
	columns
)

// table is the sink for people.
type table struct {
	out    io.Writer
	window func() int         // the width of the terminal, in cells; 0: none, so nothing is shortened
	pause  func(write func()) // runs write while no progress is drawn
	dryRun bool

	rows    []row
	width   int // of the window when it was last looked at
	widths  [columns]int
	dropped [columns]bool
	begun   bool
}

func (t *table) add(r row) error {
	t.rows = append(t.rows, r)
	if len(t.rows) < tableBlock {
		return nil
	}
	return t.flush()
}

func (t *table) flush() error {
	if len(t.rows) == 0 {
		return nil
	}
	slices.SortFunc(t.rows, func(a, b row) int { return a.n - b.n })
	lines := make([][columns]string, 0, len(t.rows)+1)
	if !t.begun {
		t.begun = true
		lines = append(lines, t.header())
	}
	for _, r := range t.rows {
		lines = append(lines, t.cells(r))
	}
	t.width = t.window()
	t.fit(lines)

	var b strings.Builder
	t.write(&b, lines)
	t.rows = t.rows[:0]
	var err error
	t.pause(func() { _, err = io.WriteString(t.out, b.String()) })
	return err
}

func (t *table) header() [columns]string {
	if t.dryRun {
		return [columns]string{"FILE", "", "TYPE", "SIZE", "RESULT"}
	}
	return [columns]string{"FILE", "MEDIA ID", "TYPE", "SIZE", "ATTEMPTS"}
}

// cells are the columns of r; a file that failed has no more than its name.
func (t *table) cells(r row) [columns]string {
	c := [columns]string{colFile: printable(r.file)}
	if r.err != nil {
		c[colID] = "failed" // why is in the summary
		if t.dryRun {
			c[colID], c[colNote] = "", "refused"
		}
		return c
	}
	c[colID], c[colType], c[colSize] = r.id, r.contentType, sizeText(r.size)
	switch {
	case r.already:
		c[colNote] = "already uploaded"
	case t.dryRun && r.contentType == "application/octet-stream":
		c[colID], c[colNote] = "", "ok, but WhatsApp accepts no file of unknown type"
	case t.dryRun:
		c[colID], c[colNote] = "", "ok"
	default:
		c[colNote] = strconv.Itoa(r.attempts)
	}
	return c
}

const gap = 2 // cells between columns

// fit makes the columns as wide as their cells need. What a terminal has no room
// for goes: attempts, type and size, then the middle of the names.
func (t *table) fit(lines [][columns]string) {
	for _, line := range lines {
		for c, cell := range line {
			t.widths[c] = max(t.widths[c], runewidth.StringWidth(cell))
		}
	}
	if t.width == 0 {
		return
	}
	droppable := []int{colNote, colType, colSize}
	if t.dryRun { // its note is the result
		droppable = droppable[1:]
	}
	for _, c := range droppable {
		if t.over() > 0 {
			t.dropped[c] = true
		}
	}
	t.widths[colFile] = max(t.widths[colFile]-max(t.over(), 0), leastName)
}

const leastName = 8

// over is how many cells too wide the columns are.
func (t *table) over() int {
	over := -gap - t.width
	for c, w := range t.widths {
		if w > 0 && !t.dropped[c] {
			over += w + gap
		}
	}
	return over
}

func (t *table) write(b *strings.Builder, lines [][columns]string) {
	names := make([]string, len(lines))
	for i, line := range lines {
		names[i] = line[colFile]
	}
	for i, name := range shortenAll(names, t.widths[colFile]) {
		if runewidth.StringWidth(name) > t.widths[colFile] {
			b.WriteString(name + "\n") // on a line of its own
			name = ""
		}
		text := runewidth.FillRight(name, t.widths[colFile])
		for c := colID; c < columns; c++ {
			if t.widths[c] == 0 || t.dropped[c] {
				continue
			}
			text += strings.Repeat(" ", gap)
			if c == colSize {
				text += runewidth.FillLeft(lines[i][c], t.widths[c])
			} else {
				text += runewidth.FillRight(lines[i][c], t.widths[c])
			}
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
}

// shortenAll shortens names, but for those that could not be told apart any
// more.
func shortenAll(names []string, width int) []string {
	short := make([]string, len(names))
	alike := make(map[string]int)
	for i, name := range names {
		short[i] = shorten(name, width)
		alike[short[i]]++
	}
	for i, name := range names {
		if short[i] != name && alike[short[i]] > 1 {
			short[i] = name
		}
	}
	return short
}

// shorten takes the middle out of s if it is wider than width cells: the
// beginning and the extension tell a file best.
func shorten(s string, width int) string {
	if runewidth.StringWidth(s) <= width {
		return s
	}
	if width < 5 {
		return runewidth.Truncate(s, width, "…")
	}
	tail := ""
	for rest := []rune(s); len(rest) > 0; rest = rest[:len(rest)-1] {
		next := string(rest[len(rest)-1]) + tail
		if runewidth.StringWidth(next) > (width-1)/2 {
			break
		}
		tail = next
	}
	return runewidth.Truncate(s, width-1-runewidth.StringWidth(tail), "") + "…" + tail
}
