package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"
)

// jsonReader builds a tree from JSON. A YAML parser would read most JSON too,
// but not its surrogate pairs and tabs, and it would forgive what is no JSON.
type jsonReader struct {
	data    []byte
	decoder *json.Decoder
	offset  int // up to which line has been counted
	line    int
}

func parseJSON(data []byte, line int) (*yaml.Node, error) {
	r := &jsonReader{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: line}
	r.decoder.UseNumber()
	root, err := r.value(0)
	if err != nil {
		return nil, r.failed(err)
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		r.advance()
		return nil, problemAt(r.line, "there is more after the end of the document")
	}
	return root, nil
}

func (r *jsonReader) failed(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, new(Problem)):
		return err
	case errors.As(err, &syntax):
		r.count(int(syntax.Offset))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.count(len(r.data))
		err = errors.New("it ends too early")
	default:
		r.advance()
	}
	return problemAt(r.line, fmt.Sprintf("the JSON does not parse: %v", err))
}

// advance counts the lines up to the last token.
func (r *jsonReader) advance() { r.count(int(r.decoder.InputOffset())) }

func (r *jsonReader) count(offset int) {
	if offset = min(offset, len(r.data)); offset > r.offset {
		r.line += bytes.Count(r.data[r.offset:offset], []byte("\n"))
		r.offset = offset
	}
}

func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	r.advance()
	node := &yaml.Node{Kind: yaml.ScalarNode, Line: r.line}
	switch token := token.(type) {
	case json.Delim:
		if depth >= maxDepth {
			return nil, problemAt(r.line, "is "+tooDeep)
		}
		if token == '{' {
			node.Kind, node.Tag = yaml.MappingNode, "!!map"
		} else {
			node.Kind, node.Tag = yaml.SequenceNode, "!!seq"
		}
		return node, r.children(node, depth)
	case string:
		node.Tag, node.Value = "!!str", token
	case json.Number:
		node.Tag, node.Value = numberTag(token.String()), token.String()
	case bool:
		node.Tag, node.Value = "!!bool", fmt.Sprint(token)
	case nil:
		node.Tag, node.Value = "!!null", "null"
	}
	return node, nil
}

func (r *jsonReader) children(parent *yaml.Node, depth int) error {
	seen := map[string]bool{}
	for r.decoder.More() {
		if parent.Kind == yaml.MappingNode {
			key, err := r.decoder.Token()
			if err != nil {
				return err
			}
			r.advance()
			name := key.(string) // the decoder lets nothing else be a key
			if seen[name] {
				return problemAt(r.line, duplicateKey(name))
			}
			seen[name] = true
			parent.Content = append(parent.Content, newString(name, r.line))
		}
		child, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		parent.Content = append(parent.Content, child)
	}
	_, err := r.decoder.Token() // the closing bracket
	return err
}
