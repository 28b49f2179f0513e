package document

import (
	"bytes"
	"encoding/json"
	"strings"

	"gopkg.in/yaml.v3"
)

// encode writes a tree as JSON for people: two spaces, the order of the tree,
// a newline at the end. Scalars are valid JSON literals already.
func encode(root *yaml.Node) []byte {
	var b bytes.Buffer
	write(&b, root, 0)
	b.WriteByte('\n')
	return b.Bytes()
}

func write(b *bytes.Buffer, n *yaml.Node, depth int) {
	step, open, end := 1, byte('['), byte(']')
	switch n.Kind {
	case yaml.MappingNode:
		step, open, end = 2, '{', '}'
	case yaml.SequenceNode:
	default:
		writeScalar(b, n)
		return
	}
	b.WriteByte(open)
	for i := 0; i < len(n.Content); i += step {
		if i > 0 {
			b.WriteByte(',')
		}
		indent(b, depth+1)
		if step == 2 {
			writeString(b, n.Content[i].Value)
			b.WriteString(": ")
		}
		write(b, n.Content[i+step-1], depth+1)
	}
	if len(n.Content) > 0 {
		indent(b, depth)
	}
	b.WriteByte(end)
}

func indent(b *bytes.Buffer, depth int) {
	b.WriteByte('\n')
	b.WriteString(strings.Repeat("  ", depth))
}

func writeScalar(b *bytes.Buffer, n *yaml.Node) {
	if n.Tag == "!!str" {
		writeString(b, n.Value)
		return
	}
	b.WriteString(n.Value)
}

func writeString(b *bytes.Buffer, s string) {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s)   // a string into a buffer: nothing can fail
	b.Truncate(b.Len() - 1) // the newline that Encode adds
}
