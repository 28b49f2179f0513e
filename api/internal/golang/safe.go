package golang

import (
	"fmt"
	"go/format"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// What oapi-codegen generates, formatted.
var (
	pathParam = regexp.MustCompile(`(\tpathParam\d+, err = )runtime\.StyleParamWithOptions\(`)
	parsing   = regexp.MustCompile(`\treturn (Parse(\w+)Response)\(rsp\)\n`)
	anyBody   = regexp.MustCompile(`\n(func \(c \*ClientWithResponses\) (\w+))WithBody(WithResponse\(.*, )contentType string, body io\.Reader(, .*\n)\trsp, err := c\.\w+\((.*), contentType, body, `)
)

// makeSafe rewrites what oapi-codegen generates: values go into paths through
// wire.PathParam and answers come out through wire.Decode, and each form can be
// sent as the struct that it is. Unless there are as many places as the
// document has, a new version of oapi-codegen generates something else, and
// this fails.
func makeSafe(source []byte, doc *openapi3.T) ([]byte, error) {
	source, err := format.Source(source)
	if err != nil {
		return nil, err
	}
	code := string(source)
	answers, forms, parameters := map[string]string{}, map[string]bool{}, 0
	for op := range operations(doc) {
		answers[op.OperationID] = documented(op)
		parameters += strings.Count(op.path, "{")
		if op.RequestBody != nil && op.RequestBody.Value.Content["multipart/form-data"] != nil {
			forms[op.OperationID] = true
		}
	}
	guarded, decoded, sendable := 0, 0, 0
	code = pathParam.ReplaceAllStringFunc(code, func(line string) string {
		guarded++
		return strings.Replace(line, "runtime.StyleParamWithOptions", "wire.PathParam", 1)
	})
	code = parsing.ReplaceAllStringFunc(code, func(line string) string {
		m := parsing.FindStringSubmatch(line)
		known, ok := answers[m[2]]
		if !ok {
			return line
		}
		decoded++
		return fmt.Sprintf("\treturn wire.Decode(rsp, %s, wire.Answers{%s})\n", m[1], known)
	})
	methods := strings.Count(code, "\nfunc (c *ClientWithResponses) ")
	for _, m := range anyBody.FindAllStringSubmatch(code, -1) {
		if forms[m[2]] {
			sendable++
			code += fmt.Sprintf(form, m[1], m[2], m[3], m[4], m[5])
		}
	}
	for _, count := range []struct {
		what        string
		found, want int
	}{{"path parameters", guarded, parameters}, {"answers", decoded, methods}, {"forms", sendable, len(forms)}} {
		if count.found != count.want {
			return nil, fmt.Errorf("oapi-codegen generates calls in a new way: %d of %d %s were found", count.found, count.want, count.what)
		}
	}
	return []byte(code), nil
}

// documented are the elements of wire.Answers for an operation.
func documented(op operation) string {
	var elements []string
	for status, answer := range sorted(op.Responses.Map()) {
		content := "wire.None"
		for kind, media := range sorted(answer.Value.Content) {
			if content = "wire.JSON"; !strings.Contains(kind, "json") || media.Schema == nil {
				content = "wire.Other"
				break
			}
		}
		if strings.HasPrefix(status, "2") {
			elements = append(elements, fmt.Sprintf("%q: %s", status, content))
		}
	}
	return strings.Join(elements, ", ")
}

// form is a method that sends a form. It is made of the one that sends any
// body: its beginning, the operation, its parameters up to the body, its end,
// and what it passes on.
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
