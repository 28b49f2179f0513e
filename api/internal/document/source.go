package document

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// An Input is a file: its name, as messages show it, and its content.
type Input struct {
	Name string
	Data []byte
}

// A source is the document that an input holds.
type source struct {
	name string
	root *yaml.Node
	rank int // where sources differ, the one of the lowest rank is believed
}

// read parses the inputs, the most trusted first: those that the overlay
// prefers, then pages, which are newer and more specific than whole documents.
func (b *builder) read() {
	if len(b.inputs) == 0 {
		b.failed("", 0, "there is no source", "save a page of CommBox's API documentation")
	}
	for _, in := range b.inputs {
		root, err := read(in, &b.positions)
		if p := (Problem{File: in.Name}); err != nil {
			if !errors.As(err, &p) {
				p.What = err.Error()
			}
			b.problems = append(b.problems, p)
			continue
		}
		if root.Style == notJSON {
			b.defect(&place{node: root, kind: "document"}, "is not JSON, and was read as YAML", in.Name)
		}
		s := source{in.Name, root, len(b.overlay.prefer)}
		if i := slices.Index(b.overlay.prefer, in.Name); i >= 0 {
			s.rank = i
		} else if !isPage(in.Name) {
			s.rank++
		}
		b.sources = append(b.sources, s)
	}
	slices.SortStableFunc(b.sources, func(x, y source) int { return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.name, y.name)) })
}

func isPage(name string) bool {
	return slices.Contains([]string{".md", ".markdown", ".mdx"}, strings.ToLower(path.Ext(name)))
}

// notJSON marks a document that said it was JSON.
const notJSON yaml.Style = 1 << 20

// read returns the OpenAPI document that a source holds: a JSON or YAML file,
// or a Markdown page with one of the two in a code block.
func read(in Input, p *positions) (*yaml.Node, error) {
	data := bytes.TrimPrefix(in.Data, []byte("\ufeff"))
	first := p.add(in.Name, data)
	if i := invalidUTF8(data); i >= 0 {
		return nil, Problem{at: first + bytes.Count(data[:i], []byte("\n")), What: "is not UTF-8 text", Fix: "save the file as UTF-8"}
	}
	switch extension := strings.ToLower(path.Ext(in.Name)); {
	case slices.Contains([]string{".json", ".yaml", ".yml"}, extension):
		root, err := parse(data, extension[1:], first)
		if err == nil && !isDocument(root) {
			err = Problem{at: root.Line, What: noDocument(root), Fix: wantDocument}
		}
		return root, err
	case isPage(in.Name):
		return readPage(data, first)
	default:
		return nil, Problem{at: first, What: "is neither .md nor .json nor .yaml", Fix: "rename the file, or take it out of the folder"}
	}
}

const wantDocument = "get the page again; it has to hold an object with the key openapi and the value 3.0.x or 3.1.x"

func readPage(page []byte, first int) (*yaml.Node, error) {
	var document *yaml.Node
	for _, b := range blocks(page) {
		if !b.maybeDocument() {
			continue
		}
		root, err := parse(b.text, b.language, first+b.line-1)
		switch {
		case err != nil:
			return nil, err
		case !isDocument(root):
			continue
		case !b.closed:
			return nil, Problem{at: first + b.line - 2, What: "the code block with the OpenAPI document is not closed", Fix: "get the page again, it seems to be cut off"}
		}
		if document != nil {
			return nil, Problem{at: root.Line, What: "has a second OpenAPI document", Fix: "save each document in a file of its own"}
		}
		document = root
	}
	if document == nil {
		return nil, Problem{at: first, What: "has no code block with an OpenAPI 3 document", Fix: wantDocument}
	}
	return document, nil
}

// parse reads JSON or YAML. Where neither extension nor language says which it
// is, a brace does.
func parse(data []byte, language string, first int) (*yaml.Node, error) {
	asJSON := language == "json"
	if language != "yaml" && language != "yml" {
		asJSON = asJSON || bytes.HasPrefix(bytes.TrimLeft(data, "\ufeff \t\r\n"), []byte("{"))
	}
	if data = bytes.TrimPrefix(data, []byte("\ufeff")); !asJSON {
		return parseYAML(data, first)
	}
	root, err := parseJSON(data, first)
	if err == nil {
		return root, nil
	}
	// A comma too many, a comment: YAML allows them, though no tabs.
	if lenient, failed := parseYAML(bytes.ReplaceAll(data, []byte("\t"), []byte(" ")), first); failed == nil && lenient.Kind == yaml.MappingNode {
		lenient.Style = notJSON
		return lenient, nil
	}
	return nil, err
}

// isDocument reports whether a value is an OpenAPI 3 document.
func isDocument(root *yaml.Node) bool {
	v := get(root, "openapi")
	return v != nil && (minor(v.Value) == "3.0" || minor(v.Value) == "3.1")
}

func noDocument(root *yaml.Node) string {
	for _, key := range []string{"openapi", "swagger"} {
		if v := get(root, key); v != nil {
			return fmt.Sprintf("is a document of %s %s, not of OpenAPI 3.0 or 3.1", key, v.Value)
		}
	}
	return "is no OpenAPI document"
}

func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
