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

	rows   []row
	width  int // of the window when it was last looked at
	widths [columns]int
	begun  bool
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
	for _, line := range lines {
		t.write(&b, line)
	}
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

// cells are the columns of r; a file without a media ID has only its name and
// the reason.
func (t *table) cells(r row) [columns]string {
	c := [columns]string{colFile: printable(r.file)}
	if r.err != nil {
		verb := "failed: "
		if t.dryRun {
			verb = "refused: "
		}
		c[colNote] = verb + printable(reason(r.err))
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

// fit makes the columns as wide as their cells need and, on a terminal, names
// and types as narrow as the terminal asks.
func (t *table) fit(lines [][columns]string) {
	for _, line := range lines {
		failed := line[colSize] == ""
		for c := range colNote {
			if !failed || c == colFile {
				t.widths[c] = max(t.widths[c], runewidth.StringWidth(line[c]))
			}
		}
		if !failed {
			t.widths[colNote] = max(t.widths[colNote], runewidth.StringWidth(line[colNote]))
		}
	}
	if t.width == 0 {
		return
	}
	total := gap * (columns - 1)
	for _, w := range t.widths {
		total += w
	}
	for _, c := range []struct{ col, least int }{{colFile, 20}, {colType, 10}, {colFile, 8}} {
		if over := total - t.width; over > 0 {
			cut := min(over, max(0, t.widths[c.col]-c.least))
			t.widths[c.col] -= cut
			total -= cut
		}
	}
}

func (t *table) write(b *strings.Builder, line [columns]string) {
	name := shorten(line[colFile], t.widths[colFile])
	if line[colSize] == "" {
		b.WriteString(runewidth.FillRight(name, t.widths[colFile]))
		t.writeReason(b, line[colNote])
		return
	}
	b.WriteString(runewidth.FillRight(name, t.widths[colFile]))
	for c := colID; c < colNote; c++ {
		if t.widths[c] == 0 {
			continue
		}
		cell := shorten(line[c], t.widths[c])
		b.WriteString(strings.Repeat(" ", gap))
		if c == colSize {
			b.WriteString(runewidth.FillLeft(cell, t.widths[c]))
		} else {
			b.WriteString(runewidth.FillRight(cell, t.widths[c]))
		}
	}
	b.WriteString(strings.Repeat(" ", gap) + line[colNote] + "\n")
}

// writeReason breaks a long reason at words, below its first line.
func (t *table) writeReason(b *strings.Builder, text string) {
	indent := t.widths[colFile] + gap
	room := t.width - indent
	used := 0
	for i, word := range strings.Fields(text) {
		w := runewidth.StringWidth(word)
		switch {
		case i == 0:
			b.WriteString(strings.Repeat(" ", gap))
		case t.width > 0 && used+1+w > max(room, 20):
			b.WriteString("\n" + strings.Repeat(" ", indent))
			used = 0
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += w
	}
	b.WriteString("\n")
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
