package golang

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestMakeSafe: a new version of oapi-codegen, which generates a call in
// another way, is noticed.
func TestMakeSafe(t *testing.T) {
	t.Parallel()
	const generated = `package gen

func NewGetRequest() {
	pathParam0, err = runtime.StyleParamWithOptions("simple")
}

func (c *ClientWithResponses) GetWithBodyWithResponse(ctx context.Context, id string, contentType string, body io.Reader, reqEditors ...RequestEditorFn) (*GetResponse, error) {
	rsp, err := c.GetWithBody(ctx, id, contentType, body, reqEditors...)
	return ParseGetResponse(rsp)
}
`
	doc, err := openapi3.NewLoader().LoadFromData([]byte(`{"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {"/{id}": {"post": {"operationId": "Get",
		"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}], "responses": {"200": {"description": "ok"}},
		"requestBody": {"content": {"multipart/form-data": {"schema": {"type": "object"}}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	code, err := makeSafe([]byte(generated), doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`pathParam0, err = wire.PathParam("simple")`, `return wire.Decode(rsp, ParseGetResponse, wire.Answers{"200": wire.None})`,
		"GetWithMultipartBodyWithResponse(ctx context.Context, id string, body GetMultipartRequestBody, reqEditors ...RequestEditorFn) (*GetResponse, error) {",
		"c.GetWithBodyWithResponse(ctx, id, form.ContentType, form.Reader(),",
	} {
		if !strings.Contains(string(code), want) {
			t.Errorf("there is no %s in\n%s", want, code)
		}
	}
	for from, want := range map[string]string{
		"StyleParamWithOptions":   "0 of 1 path parameters",
		"return ParseGetResponse": "0 of 1 answers",
		"ParseGetResponse":        "0 of 1 answers",
		"contentType string":      "0 of 1 forms",
	} {
		_, err := makeSafe([]byte(strings.Replace(generated, from, "changed", 1)), doc)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: %v", from, err)
		}
	}
}
