package golang

import (
	"fmt"
	"go/format"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// makeSafe rewrites the code that oapi-codegen generates. Values are written into paths by
// wire.PathParam, answers are decoded by wire.Decode, and each form can be sent as a
// struct. makeSafe fails if it does not find as many places as the document needs, because a
// new version of oapi-codegen then generates something else.
func makeSafe(source []byte, doc *openapi3.T) ([]byte, error) {
	source, err := format.Source(source)
	if err != nil {
		return nil, err
	}
	var forms []string
	parameters, answers := 0, map[string]string{}
	for _, op := range operations(doc) {
		parameters += strings.Count(op.path, "{")
		answers[op.OperationID] = documented(op)
		if op.RequestBody != nil && op.RequestBody.Value.Content["multipart/form-data"] != nil {
			forms = append(forms, op.OperationID)
		}
	}
	code, methods := string(source), ""
	for _, place := range []struct {
		name, pattern string
		want          int
		rewrite       func(m []string) string
	}{
		{
			"path parameters", `(\tpathParam\d+, err = )runtime\.StyleParamWithOptions\(`, parameters,
			func(m []string) string { return m[1] + "wire.PathParam(" },
		},
		{
			"answers", `\treturn (Parse(\w+)Response)\(rsp\)\n`, strings.Count(code, "\nfunc (c *ClientWithResponses) "),
			func(m []string) string {
				return fmt.Sprintf("\treturn wire.Decode(rsp, %s, wire.Answers{%s})\n", m[1], answers[m[2]])
			},
		},
		{
			"forms", `\n(func \(c \*ClientWithResponses\) (` + strings.Join(forms, "|") + `))WithBody(WithResponse\(.*, )` +
				`contentType string, body io\.Reader(, .*\n)\trsp, err := c\.\w+\((.*), contentType, body, `, len(forms),
			func(m []string) string {
				methods += fmt.Sprintf(form, m[1], m[2], m[3], m[4], m[5])
				return m[0]
			},
		},
	} {
		found, pattern := 0, regexp.MustCompile(place.pattern)
		code = pattern.ReplaceAllStringFunc(code, func(text string) string {
			found++
			return place.rewrite(pattern.FindStringSubmatch(text))
		})
		if found != place.want {
			return nil, fmt.Errorf("a path has a parameter twice or a lone brace, or oapi-codegen generates calls in a new way: %d of %d %s were found", found, place.want, place.name)
		}
	}
	return []byte(code + methods), nil
}

// documented returns the elements of wire.Answers for an operation.
func documented(op operation) string {
	var elements []string
	for status, answer := range sorted(op.Responses.Map()) {
		content := "wire.None"
		if len(answer.Value.Content) > 0 {
			content = "wire.JSON"
		}
		for kind, media := range answer.Value.Content {
			if !strings.Contains(kind, "json") || media.Schema == nil {
				content = "wire.Other"
			}
		}
		if strings.HasPrefix(status, "2") {
			elements = append(elements, fmt.Sprintf("%q: %s", status, content))
		}
	}
	return strings.Join(elements, ", ")
}

// form is the template of a method that sends a form. Its values come from the method that
// sends any body: its beginning, the operation, its parameters up to the body, its end, and
// the arguments that it passes on.
const form = `
// %[2]sWithMultipartBodyWithResponse is %[2]sWithBodyWithResponse with a form,
// which can be sent again. The files in it are not copied.
%[1]sWithMultipartBody%[3]sbody %[2]sMultipartRequestBody%[4]s	form, err := wire.NewForm(body)
	if err != nil {
		return nil, err
	}
	return c.%[2]sWithBodyWithResponse(%[5]s, form.ContentType, form.Reader(), append([]RequestEditorFn{form.Attach}, reqEditors...)...)
}
`
