package commboxtest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/oasdiff/yaml"
)

// decodeExact reads JSON or YAML, and numbers as they are written.
func decodeExact(data []byte) (value any, err error) {
	exact := func(d *json.Decoder) *json.Decoder {
		d.UseNumber()
		return d
	}
	if exact(json.NewDecoder(bytes.NewReader(data))).Decode(&value) == nil {
		return value, nil
	}
	_, err = yaml.Unmarshal(data, &value, yaml.DecodeOpts{DisableTimestamps: true}, exact)
	return value, err
}

// below is the node of the document that is found from another one by names and
// indexes. References on the way are followed. It is nil where there is none.
func (d *document) below(node any, tokens ...string) any {
	for _, token := range tokens {
		switch n := d.resolved(node).(type) {
		case map[string]any:
			node = n[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(n) {
				return nil
			}
			node = n[i]
		default:
			return nil
		}
	}
	return node
}

var unescapeToken = strings.NewReplacer("~1", "/", "~0", "~")

// resolved is what a node refers to, or the node itself if it is no reference.
func (d *document) resolved(node any) any {
	const longest = 100 // chain of references; the loader refuses circles of nothing else
	for range longest {
		fields, _ := node.(map[string]any)
		ref, ok := fields["$ref"].(string)
		if !ok {
			return node
		}
		tokens := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		for i, token := range tokens {
			tokens[i] = unescapeToken.Replace(token)
		}
		node = d.below(d.written, tokens...)
	}
	return nil
}
