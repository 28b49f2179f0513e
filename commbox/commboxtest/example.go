package commboxtest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/commbox-go/client/commbox/internal/sample"
)

// success makes the answer that the document has for a success: the lowest 2xx, or
// else the default, or else a redirect. If it has none of these, the answer is a 200
// without content.
func (d *document) success(t target) *answer {
	op := t.route.Operation
	for _, class := range []string{"2", "default", "3"} {
		for _, key := range slices.Sorted(slices.Values(op.Responses.Keys())) {
			if !strings.HasPrefix(key, class) {
				continue
			}
			status, err := strconv.Atoi(key)
			if err != nil { // default, 2XX
				status = http.StatusOK
			}
			return d.example(t, status)
		}
	}
	return &answer{status: http.StatusOK, header: http.Header{"Content-Type": nil}, cut: -1}
}

// example makes the answer that the operation has for a status. If it has none, a
// failure is that of any other operation, since all have the same. Otherwise the
// answer is a page like that of a proxy.
func (d *document) example(t target, status int) *answer {
	if t.route != nil && t.route.Operation != nil {
		if r := documented(t.route.Operation, status); r != nil {
			return d.fromResponse(r.Value, status)
		}
	}
	if status >= http.StatusBadRequest {
		for _, p := range d.paths {
			operations := p.item.Operations()
			for _, method := range slices.Sorted(maps.Keys(operations)) {
				if r := operations[method].Responses.Status(status); r != nil && len(r.Value.Content) > 0 {
					return d.fromResponse(r.Value, status)
				}
			}
		}
	}
	return page(status)
}

// documented returns the response that an operation has for a status, or nil.
func documented(op *openapi3.Operation, status int) *openapi3.ResponseRef {
	return cmp.Or(op.Responses.Status(status), op.Responses.Default())
}

// fromResponse makes an answer from a response of the document.
func (d *document) fromResponse(r *openapi3.Response, status int) *answer {
	a := &answer{status: status, header: http.Header{"Content-Type": nil}, cut: -1}
	for name, ref := range r.Headers {
		if h := ref.Value; h.Required || h.Example != nil || len(h.Examples) > 0 {
			a.header.Set(name, sample.Simple(d.Content(sample.Answer, h.Schema, h.Example, h.Examples, 0)))
		}
	}
	if len(r.Content) == 0 || !bodyAllowed(status) {
		return a
	}
	mediaType := sample.Preferred(r.Content)
	content := r.Content[mediaType]
	value := d.Content(sample.Answer, content.Schema, content.Example, content.Examples, status)
	a.header.Set("Content-Type", sample.Concrete(mediaType))
	switch text, ok := value.(string); {
	case ok && !sample.IsJSON(mediaType):
		a.body = []byte(text)
	case !strings.HasSuffix(mediaType, "xml"):
		a.body = sample.Marshal(value)
	}
	return a
}
