package document

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// An Input is a file: its name, for messages, and its content.
type Input struct {
	Name string
	Data []byte
}

const getAgain = "get it again, or remove the file"

// read parses the inputs and sorts them, the most trusted first: the files that the overlay
// prefers, then pages, then whole documents, which are older and less specific.
func (b *builder) read() {
	for _, in := range b.inputs {
		documents, err := b.documents(in)
		if err == nil && len(documents) == 0 {
			err = errors.New("has no OpenAPI document")
		}
		if err != nil {
			b.problems = append(b.problems, Problem{File: in.Name, What: err.Error(), Fix: getAgain})
		}
		b.sources = append(b.sources, documents...)
	}
	for _, root := range b.sources {
		set(root, "openapi", newString("3.0.3"))
		b.walk(&place{node: root, kind: "document"}, b.asOlder)
	}
	slices.SortFunc(b.sources, func(x, y *yaml.Node) int {
		return cmp.Or(b.rank(x.HeadComment)-b.rank(y.HeadComment), cmp.Compare(x.HeadComment, y.HeadComment))
	})
}

// asOlder writes what schemas of OpenAPI 3.1 have in the way of 3.0, so that documents of
// both can be united. fixKeys drops what 3.0 cannot say.
func (b *builder) asOlder(p *place) {
	if grammar[p.kind] == nil {
		return
	}
	n, types := p.node, b.child(p, "type")
	for t := range b.children(types) {
		remove(n, "type")
		update(n, node(fmt.Sprintf("anyOf: [{type: %q}]", t.node.Value)))
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		for alternative := range b.children(b.child(p, key)) {
			if text(alternative.node, "type") == "null" {
				drop(alternative)
				set(n, "nullable", node("true"))
			}
		}
	}
	if all := get(n, "anyOf"); get(n, "type") == nil && types != nil && all != nil && len(all.Content) == 1 {
		remove(n, "anyOf")
		update(n, all.Content[0])
	}
	if value := get(n, "const"); value != nil {
		update(n, node(fmt.Sprintf("enum: [%s]", encode(value, 0))))
	}
	if all := get(n, "examples"); all != nil && all.Kind == yaml.SequenceNode && len(all.Content) > 0 {
		remove(n, "examples")
		set(n, "example", all.Content[0])
	}
}

// rank returns the rank of a source. If sources contradict each other, the lowest rank
// wins.
func (b *builder) rank(name string) int {
	trusted := append([]string{b.overlay.name}, b.overlay.Prefer...)
	if i := slices.Index(trusted, name); i >= 0 {
		return i
	}
	if extension(name) == ".md" {
		return len(trusted)
	}
	return len(trusted) + 1
}

// HoldsOperation reports whether a Markdown page documents an operation: whether a code
// block in it is an OpenAPI document with a path. It returns an error if that document
// cannot be read.
func HoldsOperation(page Input) (bool, error) {
	documents, err := new(builder).documents(page)
	if err != nil {
		return false, Problem{File: page.Name, What: err.Error(), Fix: getAgain}
	}
	return slices.ContainsFunc(documents, func(root *yaml.Node) bool { return !isDefault(get(root, "paths")) }), nil
}

func extension(name string) string { return strings.ToLower(path.Ext(name)) }

// documents returns the OpenAPI documents that a source holds: a JSON or YAML file is
// one, and a Markdown page has them in code blocks.
func (b *builder) documents(in Input) (all []*yaml.Node, err error) {
	data := bytes.ReplaceAll(in.Data, []byte("\ufeff"), nil) // byte order marks
	var found []block
	switch extension(in.Name) {
	case ".json", ".yaml", ".yml":
		found = []block{{text: data, line: 1, closed: true}}
	case ".md":
		found = slices.DeleteFunc(blocks(data), func(c block) bool { return !documentStart.Match(c.text) })
	default:
		return nil, errors.New("is neither .md nor .json nor .yaml")
	}
	for _, c := range found {
		root, err := parse(in.Name, c.text, c.line)
		switch version := get(root, "openapi"); {
		case err != nil:
			return nil, err
		case version == nil:
			continue
		case !understood.MatchString(version.Value):
			return nil, fmt.Errorf("is a document of OpenAPI %s, not of 3.0 or 3.1", version.Value)
		case !c.closed:
			return nil, fmt.Errorf("the code block of line %d is not closed: the page seems to be cut off", c.line)
		}
		all = append(all, root)
		if !strings.HasPrefix(extension(in.Name), ".y") && bytes.HasPrefix(bytes.TrimSpace(c.text), []byte("{")) && !json.Valid(c.text) {
			b.defect(&place{node: root}, "is not JSON, and was read as YAML", in.Name)
		}
	}
	return all, nil
}

// understood matches the supported versions of OpenAPI. Only the first three characters
// change the meaning of a document.
var understood = regexp.MustCompile(`^3\.[01](\.|$)`)

// A block is a fenced code block of a Markdown page (CommonMark 4.5).
type block struct {
	text   []byte
	line   int // of its first line in the page, from 1
	closed bool
}

var fence = regexp.MustCompile("^([ \t]*)(`{3,}|~{3,})[ \t]*(.*?)[ \t\r\n]*$")

// blocks finds the fenced code blocks of a page. A fence may have any indentation, as in
// lists and tabs; blocks removes it from the block.
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
			found = append(found, block{line: number + 1})
		}
	}
	return found
}

// documentStart matches the start of an OpenAPI document: an object with the key openapi,
// or a line that begins with that key.
var documentStart = regexp.MustCompile(`(?s)^\s*\{.*?["']?openapi["']?\s*:|(?m:^)["']?openapi["']?\s*:`)

const maxDepth = 200 // of nested values; real documents have far fewer

// awkward matches what JSON allows but the YAML library cannot read: escaped surrogates,
// and some control characters.
var awkward = regexp.MustCompile(`\\\\|(?:\\u[dD][89a-fA-F][0-9a-fA-F]{2})+|[\x7f-\x{84}\x{86}-\x{9f}\x{fffe}\x{ffff}]`)

// comment matches the comments that some people write in JSON, and spaces that are none in
// JSON. It also matches strings, so that a string that looks like a comment is kept.
var comment = regexp.MustCompile(`("(?:[^"\\]|\\.)*")|//.*|/\*(?s:.*?)\*/|[\x{a0}\x{200b}]`)

// parse reads JSON or YAML that begins at a line of a file. The tree has no aliases and no
// merge keys.
func parse(file string, data []byte, line int) (*yaml.Node, error) {
	data = awkward.ReplaceAllFunc(data, func(s []byte) []byte {
		switch {
		case s[0] != '\\':
			return fmt.Appendf(nil, `\u%04x`, []rune(string(s))[0])
		case s[1] == 'u':
			var plain string
			_ = json.Unmarshal(fmt.Appendf(nil, `"%s"`, s), &plain) // escapes and nothing else
			return []byte(plain)
		}
		return s
	})
	// Empty lines in front make the library's line numbers those of the file.
	decoder := yaml.NewDecoder(io.MultiReader(strings.NewReader(strings.Repeat("\n", line-1)), bytes.NewReader(data)))
	var doc yaml.Node
	err := decoder.Decode(&doc)
	if err == nil && !errors.Is(decoder.Decode(new(yaml.Node)), io.EOF) {
		err = errors.New("there is more after the end of the document")
	}
	if err == nil {
		// The library finds duplicate keys, values that contain themselves, and aliases that multiply.
		err = doc.Decode(new(any))
	}
	if err != nil && bytes.HasPrefix(data, []byte("{")) {
		if without := comment.ReplaceAll(data, []byte("$1")); !bytes.Equal(without, data) {
			return parse(file, without, line)
		}
	}
	var syntax *json.SyntaxError
	switch {
	case err != nil && bytes.HasPrefix(data, []byte("{")) && errors.As(json.Unmarshal(data, new(any)), &syntax):
		return nil, fmt.Errorf("line %d: %w", line+bytes.Count(data[:syntax.Offset], []byte("\n")), syntax)
	case errors.Is(err, io.EOF):
		return nil, errors.New("the document is empty")
	case err != nil:
		return nil, errors.New(strings.Join(strings.Fields(err.Error()), " "))
	}
	root := doc.Content[0]
	return root, plain(file, root, 0)
}

// plain changes a tree, in place, so that it has only what JSON has, with the tags and the
// spelling of JSON. Dates stay text, because JSON has no dates.
func plain(file string, n *yaml.Node, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("line %d: is nested more than %d deep", n.Line, maxDepth)
	}
	line := n.Line
	for n.Kind == yaml.AliasNode {
		*n = *clone(n.Alias)
	}
	*n = yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Content: n.Content, Line: line, HeadComment: file}
	for i, child := range n.Content {
		if err := plain(file, child, depth+1); err != nil {
			return err
		}
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			child.Tag = "!!str"
		}
	}
	switch {
	case n.Kind == yaml.MappingNode:
		n.Tag = "!!map"
	case n.Kind == yaml.SequenceNode:
		n.Tag = "!!seq"
	case !slices.Contains([]string{"!!null", "!!bool", "!!int", "!!float"}, n.Tag):
		n.Tag = "!!str"
	case !json.Valid([]byte(n.Value)):
		var v any
		_ = n.Decode(&v) // the library has decoded it before
		data, err := json.Marshal(v)
		n.Value = string(data)
		return err
	}
	return nil
}
