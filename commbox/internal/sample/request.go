package sample

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
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation is one operation of a document.
type Operation struct {
	Path, Method string
	*openapi3.Operation

	item *openapi3.PathItem
	doc  *Document
}

// Operations returns all operations, sorted by path and method.
func (d *Document) Operations() []Operation {
	var all []Operation
	for _, path := range slices.Sorted(maps.Keys(d.Paths.Map())) {
		item := d.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			all = append(all, Operation{path, method, item.Operations()[method], item, d})
		}
	}
	return all
}

// Request makes a request that the document allows. It has the required parameters,
// and the key in every place where the document has keys.
func (o Operation) Request(ctx context.Context, baseURL, key string) (*http.Request, error) {
	body, contentType := o.body()
	r, err := http.NewRequestWithContext(ctx, o.Method, baseURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	path, query := o.Path, make(url.Values)
	for _, ref := range slices.Concat(o.item.Parameters, o.Parameters) {
		p := ref.Value
		if !p.Required {
			continue
		}
		value := Simple(o.doc.Content(Request, p.Schema, p.Example, p.Examples, 0))
		switch p.In {
		case openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case openapi3.ParameterInQuery:
			query.Set(p.Name, value)
		case openapi3.ParameterInHeader:
			r.Header.Set(p.Name, value)
		}
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if o.doc.Components != nil {
		for _, scheme := range o.doc.Components.SecuritySchemes {
			switch s := scheme.Value; s.In {
			case openapi3.ParameterInHeader:
				if r.Header.Get(s.Name) == "" {
					r.Header.Set(s.Name, key)
				}
			case openapi3.ParameterInQuery:
				query.Set(s.Name, key)
			case openapi3.ParameterInCookie:
				r.AddCookie(&http.Cookie{Name: s.Name, Value: key})
			}
		}
	}
	if r.URL, err = url.Parse(baseURL + path); err != nil {
		return nil, err
	}
	r.URL.RawQuery = query.Encode()
	return r, nil
}

// body makes the body of a request; both results are empty if there is none.
func (o Operation) body() (data []byte, contentType string) {
	if o.RequestBody == nil {
		return nil, ""
	}
	content := o.RequestBody.Value.Content
	mediaType := Preferred(content)
	schema := content[mediaType].Schema
	value := o.doc.Content(Request, schema, content[mediaType].Example, content[mediaType].Examples, 0)
	fields, _ := value.(map[string]any)
	contentType = Concrete(mediaType)
	switch {
	case IsJSON(contentType):
		return Marshal(value), contentType
	case contentType == "application/x-www-form-urlencoded":
		form := make(url.Values)
		for name, v := range fields {
			if items, ok := v.([]any); ok {
				for _, item := range items {
					form.Add(name, Simple(item))
				}
			} else if v != nil {
				form.Set(name, Simple(v))
			}
		}
		return []byte(form.Encode()), contentType
	case contentType == "multipart/form-data":
		return parts(fields, schema.Value)
	}
	return []byte(Simple(value)), contentType
}

func parts(fields map[string]any, schema *openapi3.Schema) (data []byte, contentType string) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range fields {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", name)}}
		if p := schema.Properties[name]; p != nil && (IsBinary(p.Value) || p.Value.Items != nil && IsBinary(p.Value.Items.Value)) {
			header.Set("Content-Disposition", fmt.Sprintf("form-data; name=%q; filename=\"a.png\"", name))
			header.Set("Content-Type", "image/png")
		}
		part, err := form.CreatePart(header)
		if err == nil {
			_, err = part.Write([]byte(Simple(value)))
		}
		if err != nil {
			panic(err) // a bytes.Buffer takes everything
		}
	}
	_ = form.Close()
	return b.Bytes(), form.FormDataContentType()
}
