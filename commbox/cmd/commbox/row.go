package main

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// row is what became of one file.
type row struct {
	n           int    // place in the order in which the files were found
	file        string // path as it was found, or - for standard input
	id          string
	filename    string
	contentType string
	size        int64 // bytes; -1: not known
	attempts    int
	already     bool // the journal holds it as done
	err         error
}

// sink prints rows on standard output.
type sink interface {
	add(row) error
	flush() error // prints what is held back
}

// jsonLines is the sink of --json: a line per file, as each one ends.
type jsonLines struct{ out io.Writer }

func (s jsonLines) add(r row) error {
	line := struct {
		File        string `json:"file"`
		ID          string `json:"id,omitempty"`
		Filename    string `json:"filename"`
		ContentType string `json:"content_type"`
		Bytes       int64  `json:"bytes"`
		Attempts    int    `json:"attempts"`
		Already     bool   `json:"already_uploaded,omitempty"`
		Error       string `json:"error,omitempty"`
	}{r.file, r.id, r.filename, r.contentType, max(r.size, 0), r.attempts, r.already, ""}
	if r.err != nil {
		line.Error = reason(r.err)
	}
	enc := json.NewEncoder(s.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(line)
}

func (jsonLines) flush() error { return nil }

// printable makes a name safe to print: a control or direction-changing
// character in a file name must not steer the terminal.
func printable(s string) string {
	if strings.IndexFunc(s, unsafeRune) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		if unsafeRune(r) {
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unsafeRune(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// sizeText is a number of bytes for people.
func sizeText(n int64) string {
	if n < 0 {
		return "?"
	}
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	v, u := float64(n), 0
	for v >= 1023.95 && u < len(units)-1 {
		v, u = v/1024, u+1
	}
	if u == 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + units[u]
}
