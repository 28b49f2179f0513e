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
	pathParam   = regexp.MustCompile(`(\tpathParam\d+, err = )runtime\.StyleParamWithOptions\(`)
	parsing     = regexp.MustCompile(`\treturn (Parse(\w+)Response)\(rsp\)\n`)
	methodAlike = regexp.MustCompile(`\nfunc \(c \*ClientWithResponses\) \w+WithResponse\(`)
	withBody    = regexp.MustCompile(`\n(func \(c \*ClientWithResponses\) (\w+))WithBody(WithResponse\((.*), )contentType string, body io\.Reader(, .*\n)`)
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
		for _, p := range op.Parameters {
			if p.Value.In == openapi3.ParameterInPath {
				parameters++
			}
		}
		if op.RequestBody != nil && op.RequestBody.Value.Content["multipart/form-data"] != nil {
			forms[op.OperationID] = true
		}
	}

	if n := len(pathParam.FindAllString(code, -1)); n != parameters {
		return nil, changed("path parameters", n, parameters)
	}
	code = pathParam.ReplaceAllString(code, "${1}wire.PathParam(")

	methods, decoded, parsed := len(methodAlike.FindAllString(code, -1)), map[string]bool{}, 0
	code = parsing.ReplaceAllStringFunc(code, func(line string) string {
		m := parsing.FindStringSubmatch(line)
		known, ok := answers[m[2]]
		if !ok {
			return line
		}
		decoded[m[2]] = true
		parsed++
		return fmt.Sprintf("\treturn wire.Decode(rsp, %s, wire.Answers{%s})\n", m[1], known)
	})
	if parsed != methods || len(decoded) != len(answers) {
		return nil, changed("answers", parsed, methods)
	}

	found := 0
	for _, m := range withBody.FindAllStringSubmatch(code, -1) {
		if forms[m[2]] {
			found++
			code += form(m)
		}
	}
	if found != len(forms) {
		return nil, changed("forms", found, len(forms))
	}
	return []byte(code), nil
}

func changed(what string, found, want int) error {
	return fmt.Errorf("oapi-codegen generates calls in a new way: %d of %d %s were found", found, want, what)
}

// documented are the elements of wire.Answers for an operation.
func documented(op operation) string {
	var elements []string
	for status, answer := range sorted(op.Responses.Map()) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		content := "wire.None"
		for kind, media := range sorted(answer.Value.Content) {
			if content = "wire.JSON"; !strings.Contains(kind, "json") || media.Schema == nil {
				content = "wire.Other"
				break
			}
		}
		elements = append(elements, fmt.Sprintf("%q: %s", status, content))
	}
	return strings.Join(elements, ", ")
}

// form is a method that sends a form. It is made of the one that sends any
// body: its beginning, the operation, its parameters up to the body, its end.
func form(m []string) string {
	arguments := "ctx"
	for _, parameter := range strings.Split(m[4], ", ")[1:] {
		name, _, _ := strings.Cut(parameter, " ")
		arguments += ", " + name
	}
	return fmt.Sprintf(`
// %[2]sWithMultipartBodyWithResponse is %[2]sWithBodyWithResponse with a form,
// which can be sent again. The files in it are not copied.
%[1]sWithMultipartBody%[3]sbody %[2]sMultipartRequestBody%[5]s	form, err := wire.NewForm(body)
	if err != nil {
		return nil, err
	}
	return c.%[2]sWithBodyWithResponse(%[6]s, form.ContentType, form.Reader(), append([]RequestEditorFn{form.Attach}, reqEditors...)...)
}
`, m[1], m[2], m[3], m[4], m[5], arguments)
}
