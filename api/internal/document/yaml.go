package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// parseYAML reads one YAML document into a tree without aliases and merge keys.
func parseYAML(data []byte, line int) (*yaml.Node, error) {
	var doc yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err := decoder.Decode(&doc)
	if err == nil && !errors.Is(decoder.Decode(new(yaml.Node)), io.EOF) {
		err = errors.New("there is more after the end of the document")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		what := err.Error()
		if m := yamlLine.FindStringSubmatch(what); m != nil {
			n, _ := strconv.Atoi(m[1])
			if strings.HasPrefix(m[2], "did not find expected ") {
				n++ // the library counts these from 0
			}
			line, what = line+max(n-1, 0), m[2]
		}
		return nil, problemAt(line, "the YAML does not parse: "+what)
	}
	if doc.Kind != yaml.DocumentNode {
		return nil, problemAt(line, "the document is empty")
	}
	p := plainer{line: line - 1, done: map[*yaml.Node]bool{}}
	return p.plain(doc.Content[0], 0)
}

// A plainer turns what YAML has beyond JSON into plain nodes, in place.
type plainer struct {
	line int                 // what to add to the lines
	done map[*yaml.Node]bool // anchors that are plain already
}

func (p *plainer) plain(n *yaml.Node, depth int) (*yaml.Node, error) {
	line := p.line + n.Line
	if depth > maxDepth {
		return nil, problemAt(line, "is "+tooDeep)
	}
	if n.Kind == yaml.AliasNode {
		return p.expand(n, line)
	}
	anchored := n.Anchor != ""
	*n = yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Content: n.Content, Line: line}
	switch n.Kind {
	case yaml.ScalarNode:
		return n, scalar(n)
	case yaml.SequenceNode:
		n.Tag = "!!seq"
	default:
		n.Tag = "!!map"
		if err := p.keys(n); err != nil {
			return nil, err
		}
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			continue
		}
		plain, err := p.plain(child, depth+1)
		if err != nil {
			return nil, err
		}
		n.Content[i] = plain
	}
	if anchored {
		p.done[n] = true
	}
	return n, nil
}

func (p *plainer) expand(alias *yaml.Node, line int) (*yaml.Node, error) {
	if alias.Alias.Kind == yaml.ScalarNode {
		n := &yaml.Node{Kind: yaml.ScalarNode, Tag: alias.Alias.Tag, Value: alias.Alias.Value, Line: line}
		return n, scalar(n)
	}
	if !p.done[alias.Alias] {
		return nil, problemAt(line, fmt.Sprintf("the alias *%s stands for something that contains it", alias.Value))
	}
	return clone(alias.Alias), nil
}

// keys makes the keys of a mapping strings.
func (p *plainer) keys(n *yaml.Node) error {
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		line := p.line + key.Line
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		switch {
		case key.Kind != yaml.ScalarNode:
			return problemAt(line, "a key is no plain text")
		case key.Tag == "!!merge":
			return problemAt(line, "merge keys (<<) are not part of YAML 1.2: write the keys out")
		case seen[key.Value]:
			return problemAt(line, duplicateKey(key.Value))
		}
		seen[key.Value] = true
		n.Content[i] = newString(key.Value, line)
	}
	return nil
}

// scalar gives a scalar the spelling that JSON has for it. Dates stay text:
// JSON has none.
func scalar(n *yaml.Node) error {
	switch n.Tag {
	case "!!null":
		n.Value = "null"
	case "!!bool", "!!int", "!!float":
		if n.Tag != "!!bool" && json.Valid([]byte(n.Value)) {
			n.Tag = numberTag(n.Value)
			return nil
		}
		var v any
		if err := n.Decode(&v); err != nil {
			return problemAt(n.Line, err.Error())
		}
		literal, err := json.Marshal(v)
		if err != nil {
			return problemAt(n.Line, n.Value+" has no counterpart in JSON")
		}
		n.Value = string(literal)
	default:
		n.Tag = "!!str"
	}
	return nil
}

func numberTag(literal string) string {
	if strings.ContainsAny(literal, ".eE") {
		return "!!float"
	}
	return "!!int"
}
