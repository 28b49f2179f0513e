package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
)

// printed is the table of rows on a terminal of that width; 0: no terminal.
func printed(t *testing.T, width int, rows ...row) string {
	t.Helper()
	for i := range rows {
		rows[i].ended = true
	}
	return table(rows, false, width)
}

func TestDurationText(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "1 s", 12 * time.Second: "12 s", 200 * time.Second: "3 min 20 s", 10 * time.Minute: "10 min", time.Hour: "1 h",
		time.Hour + 5*time.Minute: "1 h 5 min", 10*time.Hour + 10*time.Second: "10 h 0 min 10 s",
	} {
		if got := durationText(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	rows := []row{
		{File: "offer.pdf", ID: "257250616863050", ContentType: "application/pdf", Size: 1077, Attempts: 1},
		{File: "הצעת מחיר.pdf", ID: "257250616863051", ContentType: "application/pdf", Size: 3 << 20, Attempts: 12},
		{File: "写真.jpg", ID: "257250616863052", ContentType: "image/jpeg", Size: 10, Already: true},
		{File: "a file with a long name, longer than any column.docx", err: errors.New("it is over the limit of WhatsApp for this type, by far")},
	}
	for _, tt := range []struct {
		width int
		want  string
	}{
		{0, `
FILE                                                  MEDIA ID         TYPE                 SIZE  ATTEMPTS
offer.pdf                                             257250616863050  application/pdf   1.1 KiB  1
הצעת מחיר.pdf                                         257250616863051  application/pdf   3.0 MiB  12
写真.jpg                                              257250616863052  image/jpeg           10 B  already uploaded
a file with a long name, longer than any column.docx  failed                                 0 B
`}, {80, `
FILE                                                  MEDIA ID             SIZE
offer.pdf                                             257250616863050   1.1 KiB
הצעת מחיר.pdf                                         257250616863051   3.0 MiB
写真.jpg                                              257250616863052      10 B
a file with a long name, longer than any column.docx  failed                0 B
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
		File:        strings.Repeat("ארוך ", 40) + ".docx",
		ID:          "257250616863050",
		ContentType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		Size:        1000, Attempts: 1,
	}
	for _, width := range []int{40, 60, 80, 132, 200} {
		dry := long
		dry.ID, dry.Attempts, dry.ended = "", 0, true
		for line := range strings.Lines(printed(t, width, long) + table([]row{dry}, true, width)) {
			if w := runewidth.StringWidth(strings.TrimRight(line, "\n")); w > width {
				t.Errorf("on %d cells, a line of %d: %s", width, w, line)
			}
		}
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
		"not UTF-8 \xff\xfe.": `not UTF-8 \xff\xfe.`,
		`C:\a "b".pdf`:        `C:\a "b".pdf`,
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestSizeText(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		-1: "0 B", 1023: "1023 B", 1536: "1.5 KiB", 11_400: "11 KiB", 8 << 20: "8.0 MiB", 3 << 30: "3.0 GiB",
	} {
		if got := sizeText(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// A thousand files with one reason are one paragraph.
func TestFailuresAreGrouped(t *testing.T) {
	t.Parallel()
	var rows []row
	fail := func(name, why string) {
		rows = append(rows, row{File: name, err: errors.New(why), Error: why, ended: true})
	}
	for i := range 12 {
		fail(fmt.Sprintf("%02d.pdf", i), "busy")
		rows = append(rows, row{File: "fine.pdf"})
	}
	fail("gone.pdf", "open gone.pdf: no such file")
	fail("z/none.pdf", "open z/none.pdf: no such file")
	fail("a/b.pdf", "b.pdf is empty")
	fail("c.pdf", "c.pdf is empty")
	fail("z/a", "a is empty, as data is")
	want := "12 failed: busy\n"
	for i := range mostNames {
		want += fmt.Sprintf("  %02d.pdf\n", i)
	}
	want += "  and 2 more; --failed FILE lists what can be tried again\n2 failed: open: no such file\n  gone.pdf\n  z/none.pdf\n2 failed: the file is empty\n  a/b.pdf\n  c.pdf\n1 failed: the file is empty, as data is\n  z/a\n"
	if diff := cmp.Diff(want, problems(rows)); diff != "" {
		t.Error(diff)
	}
}
