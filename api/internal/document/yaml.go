package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

const maxDepth = 200 // nesting of one document, which no real one comes near

var mark = []byte("\ufeff") // byte order mark

// awkward is what JSON allows and the YAML library does not read: escaped
// surrogates, and some control characters.
var awkward = regexp.MustCompile(`\\\\|(?:\\u[dD][89a-fA-F][0-9a-fA-F]{2})+|[\x7f-\x{84}\x{86}-\x{9f}\x{fffe}\x{ffff}]`)

// parse reads JSON or YAML that begins at a line of a file. The tree is without
// aliases and merge keys.
func parse(file string, data []byte, line int) (*yaml.Node, error) {
	data = awkward.ReplaceAllFunc(bytes.TrimPrefix(data, mark), func(s []byte) []byte {
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
	// The empty lines let the library count as the file does.
	decoder := yaml.NewDecoder(io.MultiReader(strings.NewReader(strings.Repeat("\n", line-1)), bytes.NewReader(data)))
	var doc yaml.Node
	err := decoder.Decode(&doc)
	if err == nil && !errors.Is(decoder.Decode(new(yaml.Node)), io.EOF) {
		err = errors.New("there is more after the end of the document")
	}
	if err == nil {
		// The library finds what is there twice, what contains itself, and aliases that multiply.
		err = doc.Decode(new(any))
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

// plain turns what YAML has beyond JSON into plain nodes, in place.
func plain(file string, n *yaml.Node, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("line %d: is nested more than %d deep", n.Line, maxDepth)
	}
	line := n.Line
	for n.Kind == yaml.AliasNode {
		*n = *clone(n.Alias)
	}
	*n = yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Content: n.Content, Line: line, HeadComment: file}
	seen := map[string]bool{}
	for i, child := range n.Content {
		if err := plain(file, child, depth+1); err != nil {
			return err
		}
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if child.Tag = "!!str"; seen[child.Value] {
				return fmt.Errorf("line %d: the key %q stands twice in one object", child.Line, child.Value)
			}
			seen[child.Value] = true
		}
	}
	return literal(n)
}

// literal gives a value the tag and the spelling that JSON has for it. Dates
// stay text: JSON has none.
func literal(n *yaml.Node) error {
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
