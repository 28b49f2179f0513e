package document

import (
	"bytes"
	"regexp"
	"strings"
)

// A block is a fenced code block of a Markdown page (CommonMark 4.5).
type block struct {
	language string // first word behind the fence, in lower case
	text     []byte
	line     int // of its first line in the page, from 1
	closed   bool
}

var fence = regexp.MustCompile("^[ \t]*(`{3,}|~{3,})[ \t]*(.*?)[ \t]*$")

// blocks finds the fenced code blocks of a page. A fence may be indented by
// any depth, as it is inside of lists and tabs.
func blocks(page []byte) []block {
	var found []block
	var open string // the fence of the block that is being read
	var start, line int
	for at := 0; at < len(page); {
		end := len(page)
		if i := bytes.IndexByte(page[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		line++
		m := fence.FindSubmatch(bytes.TrimRight(page[at:end], "\r\n"))
		switch {
		case m == nil:
		case open == "" && (m[1][0] == '~' || !bytes.ContainsRune(m[2], '`')):
			open, start = string(m[1]), end
			language, _, _ := strings.Cut(string(m[2]), " ")
			found = append(found, block{language: strings.ToLower(language), line: line + 1})
		case open != "" && len(m[2]) == 0 && strings.HasPrefix(string(m[1]), open):
			last := &found[len(found)-1]
			last.text, last.closed, open = page[start:at], true, ""
		}
		at = end
	}
	if open != "" {
		found[len(found)-1].text = page[start:]
	}
	return found
}

var (
	startsObject = regexp.MustCompile(`(?s)^\{.*?["']?(openapi|swagger)["']?\s*:`)
	startsLine   = regexp.MustCompile(`^["']?(openapi|swagger)["']?\s*:`)
)

// maybeDocument reports whether a block looks like an OpenAPI document: it is
// an object with the key, or has a line for it that is not further in than
// the first.
func (b block) maybeDocument() bool {
	text := bytes.TrimPrefix(b.text, []byte("\ufeff"))
	if startsObject.Match(bytes.TrimSpace(text)) {
		return true
	}
	indent := -1
	for line := range bytes.Lines(text) {
		content := bytes.TrimLeft(line, " \t")
		if len(bytes.TrimSpace(content)) == 0 {
			continue
		}
		if indent < 0 {
			indent = len(line) - len(content)
		}
		if len(line)-len(content) <= indent && startsLine.Match(content) {
			return true
		}
	}
	return false
}
