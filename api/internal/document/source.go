package document

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// An Input is a file: its name, as messages show it, and its content.
type Input struct {
	Name string
	Data []byte
}

const getAgain = "get the page again, or tell CommBox"

// read parses the inputs, the most trusted first: those that the overlay
// prefers, then pages, which are newer and more specific than whole documents.
func (b *builder) read() {
	if len(b.inputs) == 0 {
		b.problems = append(b.problems, Problem{What: "there is no source", Fix: "save a page of CommBox's API documentation"})
	}
	for _, in := range b.inputs {
		root, err := b.document(in)
		if err != nil {
			b.problems = append(b.problems, Problem{File: in.Name, What: err.Error(), Fix: getAgain})
			continue
		}
		b.sources = append(b.sources, root)
	}
	slices.SortFunc(b.sources, func(x, y *yaml.Node) int {
		return cmp.Or(b.rank(x.HeadComment)-b.rank(y.HeadComment), cmp.Compare(x.HeadComment, y.HeadComment))
	})
}

// rank says whom to believe where sources differ: the one of the lowest rank.
func (b *builder) rank(name string) int {
	if i := slices.Index(b.overlay.Prefer, name); i >= 0 {
		return i
	}
	if isPage(name) {
		return len(b.overlay.Prefer)
	}
	return len(b.overlay.Prefer) + 1
}

// HoldsOperation reports whether a Markdown page documents an operation:
// whether one of its code blocks is an OpenAPI document with a path. A page
// with a document that cannot be read is an error.
func HoldsOperation(page Input) (bool, error) {
	if !slices.ContainsFunc(blocks(page.Data), block.maybeDocument) {
		return false, nil
	}
	root, err := new(builder).document(page)
	if err != nil {
		return false, Problem{File: page.Name, What: err.Error(), Fix: getAgain}
	}
	paths := get(root, "paths")
	return paths != nil && len(paths.Content) > 0, nil
}

func isPage(name string) bool {
	return slices.Contains([]string{".md", ".markdown", ".mdx"}, strings.ToLower(path.Ext(name)))
}

// document returns the OpenAPI document that a source holds: a JSON or YAML
// file, or a Markdown page with one of the two in a code block.
func (b *builder) document(in Input) (*yaml.Node, error) {
	data := bytes.TrimPrefix(in.Data, mark)
	var found []block
	switch extension := strings.ToLower(path.Ext(in.Name)); {
	case slices.Contains([]string{".json", ".yaml", ".yml"}, extension):
		found = []block{{language: extension[1:], text: data, line: 1, closed: true}}
	case isPage(in.Name):
		found = slices.DeleteFunc(blocks(data), func(c block) bool { return !c.maybeDocument() })
	default:
		return nil, errors.New("is neither .md nor .json nor .yaml")
	}
	var document *yaml.Node
	for _, c := range found {
		root, err := parse(in.Name, c.text, c.line)
		switch version := minor(text(root, "openapi")); {
		case err != nil:
			return nil, err
		case version != "3.0" && version != "3.1":
			continue
		case !c.closed:
			return nil, fmt.Errorf("the code block of line %d is not closed: the page seems to be cut off", c.line)
		case document != nil:
			return nil, errors.New("has a second OpenAPI document: save each in a file of its own")
		}
		document = root
		if c.language == "json" && !json.Valid(bytes.TrimPrefix(c.text, mark)) {
			b.defect(&place{node: root}, "is not JSON, and was read as YAML", in.Name)
		}
	}
	if document == nil {
		return nil, errors.New("has no document of OpenAPI 3.0 or 3.1")
	}
	return document, nil
}

// minor is the part of an OpenAPI version that decides what a document means.
func minor(version string) string {
	parts := append(strings.Split(version, "."), "", "")
	return parts[0] + "." + parts[1]
}

// A block is a fenced code block of a Markdown page (CommonMark 4.5).
type block struct {
	language string // first word behind the fence, in lower case
	text     []byte
	line     int // of its first line in the page, from 1
	closed   bool
}

var fence = regexp.MustCompile("^([ \t]*)(`{3,}|~{3,})[ \t]*(.*?)[ \t\r\n]*$")

// blocks finds the fenced code blocks of a page. A fence may be indented by
// any depth, as it is inside of lists and tabs; its block is without that.
func blocks(page []byte) []block {
	var found []block
	var indent, open []byte // of the fence of the block that is being read
	number := 0
	for line := range bytes.Lines(page) {
		number++
		m := fence.FindSubmatch(line)
		switch {
		case open != nil && m != nil && len(m[3]) == 0 && bytes.HasPrefix(m[2], open):
			found[len(found)-1].closed, open = true, nil
		case open != nil:
			last := &found[len(found)-1]
			last.text = append(last.text, bytes.TrimPrefix(line, indent)...)
		case m != nil && (m[2][0] == '~' || !bytes.ContainsRune(m[3], '`')):
			indent, open = m[1], m[2]
			language, _, _ := strings.Cut(string(m[3]), " ")
			found = append(found, block{language: strings.ToLower(language), line: number + 1})
		}
	}
	return found
}

var documentStart = regexp.MustCompile(`(?s)^\s*\{.*?["']?(openapi|swagger)["']?\s*:|(?m:^)["']?(openapi|swagger)["']?\s*:`)

// maybeDocument reports whether a block looks like an OpenAPI document: it is
// an object with the key, or has a line that begins with it.
func (b block) maybeDocument() bool {
	return documentStart.Match(bytes.TrimPrefix(b.text, mark))
}
