package commboxtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/commbox-go/client/commbox/internal/sample"
)

// problem is something wrong with a request, and the rule that it breaks.
type problem struct {
	text    string
	pointer string // into the document
}

// maxValue is the maximum size in bytes of a body or field that is read into memory: a
// value, not a file.
const maxValue = 8 << 20

// validationInput returns the request without its body, which the validator would read
// into memory.
func (x *exchange) validationInput() *openapi3filter.RequestValidationInput {
	r := x.r.Clone(x.r.Context())
	r.Body = http.NoBody
	return &openapi3filter.RequestValidationInput{
		Request:    r,
		PathParams: x.target.params,
		Route:      x.target.route,
		Options: &openapi3filter.Options{
			SkipSettingDefaults: true,
			AuthenticationFunc:  x.authenticate,
		},
	}
}

var errNoKey = errors.New("no key")

// authorize checks the key if the document demands one. A missing key breaks the
// contract, a wrong key does not.
func (x *exchange) authorize() *answer {
	op := x.target.route.Operation
	demanded, at := x.server.doc.Security, "/security"
	if op.Security != nil {
		demanded, at = *op.Security, x.target.pointer("security")
	}
	err := openapi3filter.ValidateSecurityRequirements(x.r.Context(), x.validationInput(), demanded)
	if err == nil {
		return nil
	}
	var failed *openapi3filter.SecurityRequirementsError
	if errors.As(err, &failed) && slices.ContainsFunc(failed.Errors, func(e error) bool { return !errors.Is(e, errNoKey) }) {
		return x.server.doc.example(x.target, http.StatusUnauthorized)
	}
	return x.refuse(http.StatusUnauthorized, problem{"the request has no API key", at})
}

func (x *exchange) authenticate(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	given, scheme := "", in.SecurityScheme
	switch {
	case scheme.Type == "http" && strings.EqualFold(scheme.Scheme, "bearer"), scheme.Type == "oauth2", scheme.Type == "openIdConnect":
		name, token, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
		if strings.EqualFold(name, "Bearer") {
			given = token
		}
	case scheme.Type == "apiKey" && scheme.In == "header":
		given = strings.TrimPrefix(x.r.Header.Get(scheme.Name), "Bearer ") // the client sends "Bearer " under any header name
	case scheme.Type == "apiKey" && scheme.In == "query":
		given = x.r.URL.Query().Get(scheme.Name)
	case scheme.Type == "apiKey" && scheme.In == "cookie":
		if cookie, err := x.r.Cookie(scheme.Name); err == nil {
			given = cookie.Value
		}
	}
	switch given {
	case x.server.Key():
		return nil
	case "":
		return errNoKey
	}
	return errors.New("wrong key")
}

// checkParameters checks path, query and headers against the document.
func (x *exchange) checkParameters() []problem {
	var problems []problem
	route, input := x.target.route, x.validationInput()
	known := make(map[string]bool) // query parameters
	open := false                  // a parameter is an object whose properties are parameters of any name
	check := func(ref *openapi3.ParameterRef, at string) {
		p := ref.Value
		if p.In == openapi3.ParameterInQuery {
			known[p.Name] = true
			open = open || p.Schema != nil && p.Schema.Value.Type.Is(openapi3.TypeObject)
		}
		at = followed(ref.Ref, at)
		if err := openapi3filter.ValidateParameter(x.r.Context(), input, p); err != nil {
			problems = append(problems, explain(err, fmt.Sprintf("%s parameter %q", p.In, p.Name), p.Schema, at+"/schema"))
		}
	}
	for i, ref := range route.PathItem.Parameters {
		if route.Operation.Parameters.GetByInAndName(ref.Value.In, ref.Value.Name) == nil {
			check(ref, pointer("paths", route.Path, "parameters", fmt.Sprint(i)))
		}
	}
	for i, ref := range route.Operation.Parameters {
		check(ref, x.target.pointer("parameters", fmt.Sprint(i)))
	}
	if c := x.server.doc.Components; c != nil {
		for _, scheme := range c.SecuritySchemes {
			known[scheme.Value.Name] = known[scheme.Value.Name] || scheme.Value.In == "query"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.r.URL.Query())) {
		if !known[name] && !open {
			problems = append(problems, problem{fmt.Sprintf("query parameter %q is not in the document", name), x.target.pointer("parameters")})
		}
	}
	return problems
}

// checkBody reads the body and checks it against the document.
func (x *exchange) checkBody(body io.Reader) []problem {
	ref := x.target.route.Operation.RequestBody
	if ref == nil {
		if n, _ := io.Copy(io.Discard, body); n > 0 {
			return []problem{{"the request has a body, where the document has none", x.target.pointer()}}
		}
		return nil
	}
	at := followed(ref.Ref, x.target.pointer("requestBody"))
	if x.r.ContentLength == 0 {
		if ref.Value.Required {
			return []problem{{"the request has no body", at + "/required"}}
		}
		return nil
	}
	sent := x.r.Header.Get("Content-Type")
	mediaType, params, _ := mime.ParseMediaType(sent)
	content := ref.Value.Content.Get(mediaType)
	if content == nil {
		want := strings.Join(slices.Sorted(maps.Keys(ref.Value.Content)), ", ")
		_, _ = io.Copy(io.Discard, body)
		return []problem{{fmt.Sprintf("content type %q is not in the document (want %q)", sent, want), at + "/content"}}
	}
	for key, c := range ref.Value.Content {
		if c == content {
			at += pointer("content", key, "schema")
		}
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		return x.checkMultipart(body, params["boundary"], content, at)
	}
	if content.Schema == nil || sample.IsBinary(content.Schema.Value) {
		return x.readFile(body, "", sent)
	}
	return x.checkValue(body, content, at)
}

// formValue returns the object that the fields of a form stand for.
func (d *document) formValue(fields url.Values, schema *openapi3.Schema) map[string]any {
	object := make(map[string]any, len(fields))
	for name, texts := range fields {
		object[name] = texts[0]
		if p := schema.Properties[name]; p != nil {
			object[name] = d.fieldValue(texts, p.Value)
		}
	}
	return object
}

// fieldValue returns the value of a form field with these texts: a text, a JSON value,
// or a list of either, whichever the schema allows.
func (d *document) fieldValue(texts []string, schema *openapi3.Schema) any {
	var plain, decoded []any
	for _, text := range texts {
		plain = append(plain, text)
		if value, err := sample.DecodeJSON([]byte(text)); err == nil {
			decoded = append(decoded, value)
		}
	}
	candidates := []any{texts[0], plain}
	if len(decoded) == len(texts) {
		candidates = []any{texts[0], decoded[0], plain, decoded}
	}
	i := slices.IndexFunc(candidates, func(v any) bool { return d.Check(sample.Request, schema, v) == nil })
	if i < 0 && len(decoded) > 0 && !schema.Type.Permits(openapi3.TypeString) {
		return decoded[0]
	}
	return candidates[max(i, 0)]
}

// checkValue checks a body that is one value, such as JSON.
func (x *exchange) checkValue(body io.Reader, content *openapi3.MediaType, at string) []problem {
	data, err := io.ReadAll(io.LimitReader(body, maxValue+1))
	if err != nil {
		return []problem{{"the body cannot be read: " + err.Error(), at}}
	}
	if len(data) > maxValue {
		_, _ = io.Copy(io.Discard, body)
		return []problem{{fmt.Sprintf("the body is over %d bytes, more than this server takes for a value", maxValue), at}}
	}
	sent := x.r.Header.Get("Content-Type")
	switch {
	case sample.IsJSON(sent):
		var value any
		if value, err = sample.DecodeJSON(data); err != nil {
			return []problem{{"the body is not JSON, though its content type is " + sent, at}}
		}
		err = x.server.doc.Check(sample.Request, content.Schema.Value, value)
	case strings.HasPrefix(sent, "application/x-www-form-urlencoded"):
		var fields url.Values
		if fields, err = url.ParseQuery(string(data)); err != nil {
			return []problem{{"the body is no form: " + err.Error(), at}}
		}
		err = x.server.doc.Check(sample.Request, content.Schema.Value, x.server.doc.formValue(fields, content.Schema.Value))
	case sample.Has(content.Schema.Value, openapi3.TypeString): // XML, HTML: a string in the document
		err = x.server.doc.Check(sample.Request, content.Schema.Value, string(data))
	}
	if err != nil {
		return []problem{explain(err, "the body", content.Schema, at)}
	}
	x.records().note(x.entry, func(r *Request) { r.Body = data })
	return nil
}
