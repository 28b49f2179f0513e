package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
)

// printed is the table of rows on a terminal of that width; 0: no terminal.
func printed(t *testing.T, width int, rows ...row) string {
	t.Helper()
	var b strings.Builder
	tab := &table{out: &b, window: func() int { return width }, pause: func(write func()) { write() }}
	for i, r := range rows {
		r.n = i
		if err := tab.add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := tab.flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	t.Parallel()
	rows := []row{
		{file: "offer.pdf", id: "257250616863050", contentType: "application/pdf", size: 1077, attempts: 1},
		{file: "הצעת מחיר.pdf", id: "257250616863051", contentType: "application/pdf", size: 3 << 20, attempts: 12},
		{file: "写真.jpg", id: "257250616863052", contentType: "image/jpeg", size: 10, already: true},
		{file: "a file with a long name, longer than any column.docx", size: -1, err: errors.New("it is over the limit of WhatsApp for this type, by far")},
	}
	for _, tt := range []struct {
		width int
		want  string
	}{
		{0, `
FILE                                                  MEDIA ID         TYPE                SIZE  ATTEMPTS
offer.pdf                                             257250616863050  application/pdf  1.1 KiB  1
הצעת מחיר.pdf                                         257250616863051  application/pdf  3.0 MiB  12
写真.jpg                                              257250616863052  image/jpeg          10 B  already uploaded
a file with a long name, longer than any column.docx  failed
`}, {80, `
FILE                                                  MEDIA ID            SIZE
offer.pdf                                             257250616863050  1.1 KiB
הצעת מחיר.pdf                                         257250616863051  3.0 MiB
写真.jpg                                              257250616863052     10 B
a file with a long name, longer than any column.docx  failed
`}, {40, `
FILE                     MEDIA ID
offer.pdf                257250616863050
הצעת מחיר.pdf            257250616863051
写真.jpg                 257250616863052
a file with…column.docx  failed
`},
	} {
		got := "\n" + printed(t, tt.width, rows...)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("width %d:\n%s", tt.width, diff)
		}
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	long := row{
		file:        strings.Repeat("ארוך ", 40) + ".docx",
		id:          "257250616863050",
		contentType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		size:        1000, attempts: 1,
	}
	for _, width := range []int{40, 60, 80, 132, 200} {
		for line := range strings.Lines(printed(t, width, long)) {
			if w := runewidth.StringWidth(strings.TrimRight(line, "\n")); w > width {
				t.Errorf("on %d cells, a line of %d: %s", width, w, line)
			}
		}
	}
}

// Rows come in the order of the command line, and are not held back for ever.
func TestTablePrintsInBlocks(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	tab := &table{out: &b, window: func() int { return 0 }, pause: func(write func()) { write() }}
	for i := range tableBlock {
		if err := tab.add(row{n: tableBlock - i, file: fmt.Sprintf("%04d", tableBlock-i)}); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(b.String(), "\n")
	if len(lines) != 1+tableBlock+1 || !strings.HasPrefix(lines[1], "0001 ") || !strings.HasPrefix(lines[3], "0003 ") {
		t.Errorf("%d lines, the first is %.40q", len(lines), lines[1])
	}
	if len(tab.rows) != 0 {
		t.Errorf("%d rows are held", len(tab.rows))
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in    string
		width int
		want  string
	}{
		{"short.pdf", 9, "short.pdf"},
		{"a-long-name.pdf", 11, "a-lon…e.pdf"},
		{"הצעת מחיר לשנה.pdf", 11, "הצעת …ה.pdf"},
		{"写真写真写真.jpg", 10, "写真….jpg"},
		{"abcdef", 3, "ab…"},
		{"abcdef", 1, "…"},
	} {
		if got := shorten(tt.in, tt.width); got != tt.want {
			t.Errorf("%s to %d cells: %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

// A file name must not be able to steer the terminal.
func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"הצעת מחיר.pdf":       "הצעת מחיר.pdf",
		"a\x1b[2Jb\nc":        `a\x1b[2Jb\nc`,
		"gpj.\u202efdp":       `gpj.\u202efdp`,
		"not UTF-8 \xff\xfe.": "not UTF-8 \ufffd.",
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestSizeText(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		-1: "?", 0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB",
		1<<20 - 1: "1.0 MiB", 5 << 20: "5.0 MiB", 3 << 30: "3.0 GiB",
	} {
		if got := sizeText(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// A thousand files with one reason are one paragraph.
func TestFailuresAreGrouped(t *testing.T) {
	t.Parallel()
	var f failures
	for i := range 12 {
		f.add(row{file: fmt.Sprintf("%02d.pdf", i), err: errors.New("busy")})
		f.add(row{file: "fine.pdf"})
	}
	f.add(row{file: "gone.pdf", err: errors.New("no such file")})
	want := "12 failed: busy\n"
	for i := range mostNames {
		want += fmt.Sprintf("  %02d.pdf\n", i)
	}
	want += "  and 2 more; --failed FILE lists what can be tried again\n1 failed: no such file\n  gone.pdf\n"
	if diff := cmp.Diff(want, f.String()); diff != "" {
		t.Error(diff)
	}
}
