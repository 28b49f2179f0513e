package commboxtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// success is the answer that the document promises when all is well: that of the
// lowest 2xx status it has.
func (d *document) success(t target) *answer {
	best := ""
	for _, key := range t.route.Operation.Responses.Keys() {
		if strings.HasPrefix(key, "2") && (best == "" || key < best) {
			best = key
		}
	}
	status, err := strconv.Atoi(best) // not a number: 2XX, or only a default
	if err != nil {
		status = http.StatusOK
	}
	return d.example(t, status)
}

// example is the answer that the document shows for a status: of the operation;
// else, for a failure, of any operation, since those are the same all over; else
// a page as a proxy would send it.
func (d *document) example(t target, status int) *answer {
	if t.route != nil && t.route.Operation != nil {
		if a := fromResponse(responseFor(t.route.Operation, status), status); a != nil {
			return a
		}
	}
	if status >= 400 {
		for _, p := range d.paths {
			for _, method := range slices.Sorted(maps.Keys(p.item.Operations())) {
				r := p.item.Operations()[method].Responses.Status(status)
				if r == nil {
					continue
				}
				if a := fromResponse(r.Value, status); a != nil {
					return a
				}
			}
		}
	}
	return page(status)
}

func responseFor(op *openapi3.Operation, status int) *openapi3.Response {
	ref := op.Responses.Status(status)
	if ref == nil {
		ref = op.Responses.Default()
	}
	if ref == nil {
		return nil
	}
	return ref.Value
}

// fromResponse makes the answer that a response of the document describes, nil
// if there is none.
func fromResponse(r *openapi3.Response, status int) *answer {
	if r == nil {
		return nil
	}
	a := &answer{status: status, header: make(http.Header), cut: -1}
	for name, ref := range r.Headers {
		if h := ref.Value; h.Required || h.Example != nil || len(h.Examples) > 0 {
			a.header.Set(name, fmt.Sprint(parameterSample(&h.Parameter)))
		}
	}
	if len(r.Content) == 0 {
		a.header["Content-Type"] = nil
		return a
	}
	mediaType := preferred(r.Content)
	a.header.Set("Content-Type", mediaType)
	sample := mediaSample(r.Content[mediaType])
	sample = withStatus(sample, r.Content[mediaType].Schema, status)
	if text, ok := sample.(string); ok && !isJSON(mediaType) {
		a.body = []byte(text)
		return a
	}
	a.body = marshal(sample)
	return a
}

// preferred is the media type that is answered with: JSON if there is one.
func preferred(c openapi3.Content) string {
	types := slices.Sorted(maps.Keys(c))
	for _, t := range types {
		if isJSON(t) {
			return t
		}
	}
	return types[0]
}

func isJSON(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

// marshal writes a sample as JSON. Samples come from JSON, so it cannot fail.
func marshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("commboxtest: example of the document: " + err.Error())
	}
	return data
}

func mediaSample(m *openapi3.MediaType) any {
	switch {
	case m.Example != nil:
		return m.Example
	case len(m.Examples) > 0:
		return firstExample(m.Examples)
	case m.Schema != nil:
		return sample(m.Schema, nil)
	}
	return map[string]any{}
}

func parameterSample(p *openapi3.Parameter) any {
	switch {
	case p.Example != nil:
		return p.Example
	case len(p.Examples) > 0:
		return firstExample(p.Examples)
	case p.Schema != nil:
		return sample(p.Schema, nil)
	}
	return ""
}

func firstExample(examples openapi3.Examples) any {
	ref := examples[slices.Min(slices.Collect(maps.Keys(examples)))]
	if ref.Value == nil {
		return nil
	}
	return ref.Value.Value
}

// withStatus puts the status code into the status of an envelope (every answer of
// CommBox is one) where the document leaves it open.
func withStatus(envelope any, schema *openapi3.SchemaRef, status int) any {
	fields, ok := envelope.(map[string]any)
	if !ok || schema == nil || fields["status"] != any(anyText) {
		return envelope
	}
	p := schema.Value.Properties["status"]
	if p == nil || !p.Value.IsMatching(strconv.Itoa(status)) {
		return envelope
	}
	fields = maps.Clone(fields)
	fields["status"] = strconv.Itoa(status)
	return fields
}
