package commboxtest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation is one of the document that a server was given.
type Operation struct {
	Path, Method string
	*openapi3.Operation
	server *Server
	item   *openapi3.PathItem
}

// Operations are all that the server serves.
func (s *Server) Operations() (all []Operation) {
	for _, p := range s.doc.paths {
		for _, method := range slices.Sorted(maps.Keys(p.item.Operations())) {
			all = append(all, Operation{p.template, method, p.item.Operations()[method], s, p.item})
		}
	}
	return all
}

// Spec is the document.
func (s *Server) Spec() *openapi3.T { return s.doc.spec }

// Request makes a request that the document allows.
func (o Operation) Request() (*http.Request, error) {
	sample := func(ref *openapi3.SchemaRef, node any) any {
		m := newMaker(o.server.doc)
		m.request = true
		return m.value(ref, node)
	}
	node := o.server.doc.below(o.server.doc.written, "paths", o.Path, strings.ToLower(o.Method))
	body, contentType := []byte(nil), ""
	if o.RequestBody != nil {
		content := o.RequestBody.Value.Content
		contentType = preferred(content)
		schema := content[contentType].Schema
		value := sample(schema, o.server.doc.below(node, "requestBody", "content", contentType, "schema"))
		body, contentType = encode(contentType, schema.Value, value)
	}
	r, err := http.NewRequestWithContext(context.Background(), o.Method, o.server.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	path, query := o.Path, url.Values{"key": {o.server.Key()}}
	if !strings.Contains(o.Path, "query-key") {
		query.Del("key")
	}
	shared := len(o.item.Parameters)
	for i, ref := range slices.Concat(o.item.Parameters, o.Parameters) {
		p, from := ref.Value, any(nil)
		if !p.Required {
			continue
		}
		if from = o.server.doc.below(node, "parameters"); i < shared {
			from = o.server.doc.below(o.server.doc.written, "paths", o.Path, "parameters")
		} else {
			i -= shared
		}
		value := headerText(sample(p.Schema, o.server.doc.below(from, strconv.Itoa(i), "schema")))
		switch p.In {
		case "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case "query":
			query.Set(p.Name, value)
		case "header":
			r.Header.Set(p.Name, value)
		}
	}
	target, err := url.Parse(o.server.URL + path)
	if err != nil {
		return nil, err
	}
	target.RawQuery = query.Encode()
	r.URL = target
	r.Header.Set("Authorization", "Bearer "+o.server.Key())
	r.Header.Set("X-Api-Key", o.server.Key())
	r.AddCookie(&http.Cookie{Name: "key", Value: o.server.Key()})
	return r, nil
}

func encode(contentType string, schema *openapi3.Schema, value any) ([]byte, string) {
	fields, _ := value.(map[string]any)
	switch {
	case isJSON(contentType):
		return marshal(value), contentType
	case contentType == "application/x-www-form-urlencoded":
		form := make(url.Values)
		for name, v := range fields {
			form.Set(name, headerText(v))
		}
		return []byte(form.Encode()), contentType
	case contentType == "multipart/form-data":
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		for name, v := range fields {
			header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", name)}}
			property := schema.Properties[name].Value
			if isBinary(property) || property.Items != nil && isBinary(property.Items.Value) {
				header.Set("Content-Disposition", fmt.Sprintf("form-data; name=%q; filename=\"a.png\"", name))
				header.Set("Content-Type", "image/png")
			}
			part, _ := form.CreatePart(header)
			_, _ = part.Write([]byte(headerText(v)))
		}
		_ = form.Close()
		return b.Bytes(), form.FormDataContentType()
	}
	return []byte(headerText(value)), contentType
}
