package document

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// An Input is a file: its name, as messages show it, and its content.
type Input struct {
	Name string
	Data []byte
}

// read returns the OpenAPI document that a source holds: a JSON or YAML file,
// or a Markdown page with one of the two in a code block.
func read(in Input, p *positions) (*yaml.Node, error) {
	data := bytes.TrimPrefix(in.Data, []byte("\ufeff"))
	first := p.add(in.Name, data)
	if i := invalidUTF8(data); i >= 0 {
		return nil, Problem{at: first + bytes.Count(data[:i], []byte("\n")), What: "is not UTF-8 text", Fix: "save the file as UTF-8"}
	}
	switch extension := strings.ToLower(path.Ext(in.Name)); extension {
	case ".json", ".yaml", ".yml":
		root, err := parse(data, extension[1:], first)
		if err == nil && !isDocument(root) {
			err = Problem{at: root.Line, What: noDocument(root), Fix: wantDocument}
		}
		return root, err
	case ".md", ".markdown", ".mdx":
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
	if estimate(data, asJSON) > nodeLimit(len(data)) {
		return nil, Problem{at: first, What: "has more values than a document of its size can mean", Fix: "get the page again"}
	}
	if data = bytes.TrimPrefix(data, []byte("\ufeff")); asJSON {
		return parseJSON(data, first)
	}
	return parseYAML(data, first)
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
