package contracttest_test

import (
	"slices"
	"strings"
	"testing"
)

// theCheck are the arguments of the generator in make check.
var theCheck = []string{"-check", "-strict"}

// changedDocument edits a copy of the module as CommBox, or a maintainer,
// might, and runs what make check and the tests run: each change has to be
// refused by one of them, and the message has to say why. The short form has a
// change of each file, and does not generate from it.
func changedDocument(t *testing.T, m *moduleCopy) {
	const (
		page     = "api/published/returns-a-whatsapp-id-for-an-uploaded-file.md"
		document = "api/openapi.json"
		overlay  = "api/overlay.yaml"
		client   = "gen/client.gen.go"
		status   = "\"status\": {\n                      \"type\": \"string\",\n                      \"example\": 200"
		data     = "\"data\": {\n                      \"type\": \"array\",\n                      \"items\": {"
		times    = "  - target: $..properties.response_time\n    description: response_time is a date-time in some answers and a plain string in others.\n" +
			"    x-if-present: true\n    update:\n      type: string\n      format: date-time\n"
		stale   = "the committed files are not what the sources give: run make generate and commit the result"
		nothing = "matches nothing: CommBox has moved, renamed or removed what it repairs (adapt or remove it)"
		gone    = "no source has the operation POST /whatsapp/uploadmedia/{ENCRYPTED_STREAM_ID}, which package commbox needs"
		broken  = "gen/client.gen.go: does not compile, or package commbox does not compile with it"
	)
	tests := []struct {
		name, file, old, new string

		check []string // what the check says, all of it
		taken []string // what the tests say once the change was generated from; nil: it is not
	}{
		// The page changes, and what the overlay repairs is not there any more.
		{name: "part renamed", file: page, old: `"pic"`, new: `"media"`, check: []string{"requestBody.content[?@.schema.properties.pic]", nothing}},
		{name: "path changed", file: page, old: "uploadmedia", new: "media", check: []string{gone}},
		{name: "path parameter renamed", file: page, old: "ENCRYPTED_STREAM_ID", new: "STREAM_ID", check: []string{gone}},
		{name: "operation removed", file: page, old: `"post": {`, new: `"x-post": {`, check: []string{gone}},
		{name: "media ID renamed", file: page, old: `"id": {`, new: `"media_id": {`, check: []string{".properties.data.items.properties.id (", nothing}},
		{name: "data renamed", file: page, old: data, new: strings.Replace(data, "data", "items", 1), check: []string{".properties.data.items (", nothing}},
		{name: "answer of another type", file: page, old: "application/json", new: "application/xml", check: []string{".responses['200'].content['application/json'].schema", nothing}},

		// The page changes in what needs no repair.
		{
			name: "example of the wrong type", file: page, old: `"example": "Operation successful"`, new: `"example": 200`,
			check: []string{page + ":", "/properties/description: type and example contradict each other", "1 defects are new: run make generate"},
		},
		{
			name: "status renamed", file: page, old: status, new: "\"state\": {\n                      \"type\": \"string\"", check: []string{broken, "answer.Status undefined"},
		},
		{
			name: "file name renamed", file: page, old: `"filename": {`, new: `"name": {`, check: []string{broken, "uploaded.Filename undefined"},
		},
		{
			name: "path parameter is a number", file: page, old: `"$ref": "#/components/parameters/ENCRYPTED_STREAM_ID/schema"`, new: `"type": "integer"`,
			check: []string{"a stream ID is a number here; it became text"},
		},
		{
			name: "query parameter required", file: page, old: "/schema\"\n            }\n          }\n",
			new:   "/schema\"\n            }\n          }, {\"name\": \"account\", \"in\": \"query\", \"required\": true, \"schema\": {\"type\": \"string\"}}\n",
			check: []string{broken, "not enough arguments in call to"},
		},
		{
			name: "status added", file: page, old: `"429": {`, new: `"418": {"description": "I'm a teapot"}, "429": {`,
			check: []string{`+          "418": {`, stale}, taken: []string{"the client has no rule for the 418 of POST /whatsapp/uploadmedia/", "kindOfStatus (errors.go)", "/post/responses/418"},
		},
		{
			name: "another scheme", file: page, old: "\n  \"components\": {",
			new:   `"security": [{"header": []}], "components": {"securitySchemes": {"header": {"type": "apiKey", "in": "header", "name": "X-Key"}},`,
			check: []string{`+        "name": "X-Key"`, stale}, // the overlay still has bearer besides
		},

		// What was made is edited by hand, or its repairs are.
		{name: "security not added", file: overlay, old: "      security:\n        - apiKey: []\n", check: []string{`-  "security": [`, stale}, taken: []string{"can be called without an API key by the document", ": /security"}},
		{
			name: "times not repaired", file: overlay, old: times, check: []string{`-            "format": "date-time"`, stale},
			taken: []string{`a &[string] of format "", and *commbox.Error has a time.Time for it`, ": /components/schemas/ErrorResponse/properties/response_time"},
		},
		{name: "document edited", file: document, old: `"pic"`, new: `"media"`, check: []string{"--- " + document, `-                  "media": {`, stale}},
		{name: "client edited", file: client, old: "/whatsapp/uploadmedia/%s", new: "/whatsapp/media/%s", check: []string{"--- " + client, stale}},
	}
	if !strings.Contains(m.read("Makefile"), "\tgo run ./api/cmd/generate "+strings.Join(theCheck, " ")+"\n") {
		t.Fatalf("make check does not run the generator with %s", strings.Join(theCheck, " "))
	}
	untouched := m.files()
	t.Run("nothing", func(t *testing.T) {
		if out, ok := m.generate(theCheck...); !ok {
			t.Errorf("the check fails:\n%s", out)
		}
		if !long {
			return
		}
		if out, ok := m.test("-run", "^TestContract$", "./commbox/internal/contracttest"); !ok {
			t.Errorf("the contract tests fail:\n%s", out)
		}
	})
	t.Run("what the overlay repairs", func(t *testing.T) {
		defer m.restore(untouched)
		m.write(page, strings.ReplaceAll(m.read(page), `"format": "date-time",`, ""))
		if out, ok := m.generate(theCheck...); !ok {
			t.Errorf("the check fails:\n%s", out)
		}
	})
	var edited []string // files that a row before has changed
	for _, test := range tests {
		if !long && slices.Contains(edited, test.file) {
			continue
		}
		edited = append(edited, test.file)
		t.Run(test.name, func(t *testing.T) {
			defer m.restore(untouched)
			content := m.read(test.file)
			if !strings.Contains(content, test.old) {
				t.Fatalf("%s has no %q any more: adapt this row", test.file, test.old)
			}
			m.write(test.file, strings.ReplaceAll(content, test.old, test.new))
			out, ok := m.generate(theCheck...)
			refused(t, "the check", out, ok, test.check)
			if test.taken == nil || !long {
				return
			}
			if out, ok := m.generate(); !ok {
				t.Fatalf("make generate fails:\n%s", out)
			}
			out, ok = m.test("-run", "^TestContract$", "./commbox/internal/contracttest")
			refused(t, "the contract test", out, ok, test.taken)
		})
	}
}

// refused demands that a command has failed, and said why.
func refused(t *testing.T, what, out string, ok bool, says []string) {
	t.Helper()
	if ok {
		t.Errorf("%s passes:\n%s", what, out)
	}
	for _, part := range says {
		if !strings.Contains(out, part) {
			t.Errorf("%s does not say %q:\n%s", what, part, out)
		}
	}
}
