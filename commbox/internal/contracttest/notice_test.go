package contracttest_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestContractNotices: a document that says something else about what the
// client does is found out, in a sentence that says what and where.
func TestContractNotices(t *testing.T) {
	t.Parallel()
	sent := contractSent(t)
	own, err := os.ReadFile("testdata/upload.json") // made of the page that UploadMedia was written for
	if err != nil {
		t.Fatal(err)
	}
	present := newContract(t, own, sent)
	present.check()
	upload := present.upload
	const (
		key     = "paths/*/post"
		form    = key + "/requestBody/content/multipart~1form-data/schema"
		answer  = key + "/responses/200/content/application~1json/schema"
		failure = "components/schemas/ErrorResponse"
	)
	tests := map[string]struct {
		edit contractEdit
		says string // part of a sentence
		at   string // pointer that the sentence ends with; * is the path
	}{
		"part renamed": {
			edit: func(_, op map[string]any) {
				schema := contractAt(op, "requestBody", "content", "*", "schema")
				contractRename(contractAt(schema, "properties"), "pic", "media")
				schema["required"] = []any{"media"}
			},
			says: `UploadMedia sends the file as the part "pic" (partName in upload.go), and POST * has the parts media`,
			at:   form + "/properties",
		},
		"another part required": {
			edit: func(_, op map[string]any) {
				schema := contractAt(op, "requestBody", "content", "*", "schema")
				contractAt(schema, "properties")["kind"] = map[string]any{"type": "string"}
				schema["required"] = []any{"pic", "kind"}
			},
			says: `requires the part "kind"`, at: form + "/required",
		},
		"part is no file any more": {
			edit: func(_, op map[string]any) {
				pic := contractAt(op, "requestBody", "content", "*", "schema", "properties", "pic")
				pic["format"] = "uri"
			},
			says: `its format is "uri"`, at: form + "/properties/pic",
		},
		"another way to send a file": {
			edit: func(_, op map[string]any) {
				contractRename(contractAt(op, "requestBody", "content"), "multipart/form-data", "application/octet-stream")
			},
			says: "UploadMedia sends multipart/form-data, and POST * wants application/octet-stream", at: key + "/requestBody/content",
		},
		"no body": {
			edit: func(_, op map[string]any) { delete(op, "requestBody") },
			says: "UploadMedia sends a file, and POST * has no requestBody", at: key,
		},
		"path changed": {
			edit: func(doc, _ map[string]any) {
				contractRename(contractAt(doc, "paths"), upload.path, "/v2"+upload.path)
			},
			says: "UploadMedia sends POST /whatsapp/uploadmedia/abc==, which the document does not have (it has ", at: "paths",
		},
		"method changed": {
			edit: func(doc, _ map[string]any) { contractRename(contractAt(doc, "paths", upload.path), "post", "put") },
			says: "UploadMedia sends POST /whatsapp/uploadmedia/abc==, which the document does not have (it has ", at: "paths",
		},
		"operation removed": {
			edit: func(doc, _ map[string]any) { doc["paths"] = map[string]any{} },
			says: "gen.UploadMediaWithBodyWithResponse sends POST /whatsapp/uploadmedia/x, which the document does not have", at: "paths",
		},
		"operation added, not generated": {
			edit: func(doc, _ map[string]any) {
				get := map[string]any{"responses": map[string]any{"204": map[string]any{"description": "OK"}}}
				contractAt(doc, "paths")["/never/generated"] = map[string]any{"get": get}
			},
			says: "gen/ has no method for GET /never/generated: run make generate", at: "paths/~1never~1generated/get",
		},
		"path parameter is a number": {
			edit: func(_, op map[string]any) {
				contractParameter(op)["schema"] = map[string]any{"type": "integer"}
			},
			says: `path parameter "ENCRYPTED_STREAM_ID": `, at: key + "/parameters/0",
		},
		"query parameter required": {
			edit: func(_, op map[string]any) {
				op["parameters"] = append(op["parameters"].([]any), map[string]any{
					"name": "account", "in": "query", "required": true, "schema": map[string]any{"type": "string"},
				})
			},
			says: `query parameter "account": value is required but missing`, at: key + "/parameters/1",
		},
		"header required": {
			edit: func(_, op map[string]any) {
				op["parameters"] = append(op["parameters"].([]any), map[string]any{
					"name": "X-Account", "in": "header", "required": true, "schema": map[string]any{"type": "string"},
				})
			},
			says: `header parameter "X-Account": value is required but missing`, at: key + "/parameters/1",
		},
		"security removed": {
			edit: func(doc, _ map[string]any) { delete(doc, "security") },
			says: "POST * can be called without an API key by the document", at: "security",
		},
		"security of the operation removed": {
			edit: func(_, op map[string]any) { op["security"] = []any{} },
			says: "POST * can be called without an API key by the document", at: key + "/security",
		},
		"key in a header of its own": {
			edit: func(doc, _ map[string]any) {
				contractAt(doc, "components", "securitySchemes")["apiKey"] = map[string]any{"type": "apiKey", "in": "header", "name": "X-Api-Key"}
			},
			says: `the client authenticates by HTTP bearer (authorize in client.go), and the scheme "apiKey" is apiKey header X-Api-Key`,
			at:   "components/securitySchemes/apiKey",
		},
		"basic authentication": {
			edit: func(doc, _ map[string]any) {
				contractAt(doc, "components", "securitySchemes", "apiKey")["scheme"] = "basic"
			},
			says: `the scheme "apiKey" is http basic`, at: "components/securitySchemes/apiKey",
		},
		"media ID renamed": {
			edit: func(_, op map[string]any) {
				contractRename(contractAt(op, "responses", "200", "content", "*", "schema", "properties", "data", "items", "properties"), "id", "media_id")
			},
			says: `UploadMedia finds no media in the documented 200 {"data":[{"filename":"video_sample.mp4","media_id":`, at: answer,
		},
		"file name renamed": {
			edit: func(_, op map[string]any) {
				contractRename(contractAt(op, "responses", "200", "content", "*", "schema", "properties", "data", "items", "properties"), "filename", "name")
			},
			says: `has no field for "name"`, at: answer + "/properties/data/items/properties/name",
		},
		"data renamed": {
			edit: func(_, op map[string]any) {
				contractRename(contractAt(op, "responses", "200", "content", "*", "schema", "properties"), "data", "items")
			},
			says: `UploadMedia finds no media in the documented 200`, at: answer,
		},
		"data is an object": {
			edit: func(_, op map[string]any) {
				properties := contractAt(op, "responses", "200", "content", "*", "schema", "properties")
				properties["data"] = contractAt(properties, "data")["items"]
			},
			says: `UploadMedia finds no media in the documented 200`, at: answer,
		},
		"status of the envelope renamed": {
			edit: func(_, op map[string]any) {
				contractRename(contractAt(op, "responses", "200", "content", "*", "schema", "properties"), "status", "state")
			},
			says: `has no field for "state"`, at: answer + "/properties/state",
		},
		"status of errors renamed": {
			edit: func(doc, _ map[string]any) {
				schema := contractAt(doc, "components", "schemas", "ErrorResponse")
				contractRename(contractAt(schema, "properties"), "status", "code")
				schema["required"] = []any{"code"}
				contractWithoutExamples(doc)
			},
			says: "is not found in *commbox.Error (newError in errors.go)", at: failure + "/properties/code",
		},
		"reason of errors renamed": {
			edit: func(doc, _ map[string]any) {
				contractRename(contractAt(doc, "components", "schemas", "ErrorResponse", "properties", "data", "items", "properties"), "failed", "reason")
			},
			says: "is not found in *commbox.Error (newError in errors.go)", at: failure + "/properties/data/items/properties/reason",
		},
		"time of no format": {
			edit: func(_, op map[string]any) {
				delete(contractAt(op, "responses", "200", "content", "*", "schema", "properties", "response_time"), "format")
			},
			says: "gen.UploadMediaResponse.JSON200.ResponseTime is a time, and the document has a &[string]", at: answer + "/properties/response_time",
		},
		"time of errors of no format": {
			edit: func(doc, _ map[string]any) {
				delete(contractAt(doc, "components", "schemas", "ErrorResponse", "properties", "response_time"), "format")
			},
			says: `a &[string] of format "", and *commbox.Error has a time.Time for it`, at: failure + "/properties/response_time",
		},
		"description is a number": {
			edit: func(_, op map[string]any) {
				description := contractAt(op, "responses", "200", "content", "*", "schema", "properties", "description")
				description["type"], description["example"] = "integer", 7
			},
			says: "gen.UploadMediaWithBodyWithResponse makes nothing of the documented 200", at: answer,
		},
		"answer of another type": {
			edit: func(_, op map[string]any) {
				contractRename(contractAt(op, "responses", "200", "content"), "application/json", "application/xml")
			},
			says: `POST * answers 200 with "application/xml", and the client reads application/json`, at: strings.Replace(answer, "json", "xml", 1),
		},
		"refusal of another type": {
			edit: func(_, op map[string]any) {
				contractRename(contractAt(op, "responses", "429", "content"), "application/json", "text/html")
			},
			says: `POST * answers 429 with "text/html", and the client reads application/json`, at: failure,
		},
		"418 added": {
			edit: contractAddStatus("418"), at: key + "/responses/418",
			says: "the client has no rule for the 418 of POST *: say in kindOfStatus (errors.go) what it is and in again (delivery/policy.go) whether it is tried again",
		},
		"202 added": {
			edit: contractAddStatus("202"), at: key + "/responses/202",
			says: "the client has no rule for the 202 of POST *: say in kindOfStatus (errors.go)",
		},
		"409 added":     {edit: contractAddStatus("409"), says: "no rule for the 409", at: key + "/responses/409"},
		"302 added":     {edit: contractAddStatus("302"), says: "no rule for the 302", at: key + "/responses/302"},
		"default added": {edit: contractAddStatus("default"), says: "no rule for the default", at: key + "/responses/default"},
		"4XX added":     {edit: contractAddStatus("4XX"), says: "no rule for the 4XX", at: key + "/responses/4XX"},
		"a rule, not generated": {
			edit: contractAddStatus("503"), says: "gen.UploadMediaResponse has no field for the 503 of POST *: run make generate", at: failure,
		},
		"example of the wrong type": {
			edit: func(_, op map[string]any) {
				contractAt(op, "responses", "200", "content", "*", "schema", "properties", "description")["example"] = 200
			},
			says: "the document is not valid, examples included: ", at: "",
		},
		"reference that dangles": {
			edit: func(doc, _ map[string]any) { delete(contractAt(doc, "components", "schemas"), "ErrorResponse") },
			says: "the document is not valid, examples included: ", at: "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var doc map[string]any
			if err := json.Unmarshal(own, &doc); err != nil {
				t.Fatal(err)
			}
			// The other operations take their time, and have no part in it.
			doc["paths"] = map[string]any{upload.path: contractAt(doc, "paths", upload.path)}
			test.edit.apply(t, doc, upload)
			edited, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			c := newContract(t, edited, sent)
			c.check()
			says := strings.ReplaceAll(test.says, "POST *", upload.String())
			at := ": /" + strings.Replace(test.at, "paths/*/post", strings.TrimPrefix(upload.at, "/"), 1)
			if !slices.ContainsFunc(c.breaches, func(b string) bool { return strings.Contains(b, says) && strings.HasSuffix(b, at) }) {
				t.Errorf("want: %s … %s\nhave: %s", says, at, strings.Join(c.breaches, "\nhave: "))
			}
		})
	}
}
