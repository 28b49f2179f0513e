package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const contacts = `# Contacts

~~~yaml
openapi: 3.0.3
info: {title: CommBox API, version: "2.07"}
servers: [{url: https://api.commbox.io/}]
paths:
  /contacts/{contactId}:
    get:
      operationId: Get_Contact
      parameters:
        - {name: contactId, in: path, required: true, schema: {$ref: '#/components/parameters/ContactId/schema'}}
        - {name: since, in: query, schema: {type: string, format: date-time}}
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                type: object
                properties:
                  status: {type: string, example: 200}
                  description: {type: string}
                  response_time: {type: string, example: '2025-02-06T07:51:52.2581942Z'}
                  data: {$ref: '#/components/schemas/Contact'}
components:
  parameters:
    ContactId: {name: contactId, in: path, required: true, schema: {type: integer, format: int64}}
  schemas:
    Contact:
      type: object
      properties:
        id: {$ref: '#/components/parameters/ContactId'}
        parent: {$ref: '#/components/schemas/Contact'}
~~~
`

// The committed files are what the sources give, and the sources are such
// that nothing had to be guessed.
func TestOwnDocument(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	before := m.output()
	if _, stderr := m.mustRun("-check", "-strict"); stderr != "" {
		t.Errorf("it says %q", stderr)
	}
	if stdout, _ := m.mustRun("-strict"); stdout != "nothing changed\n" {
		t.Errorf("it says %q", stdout)
	}
	if diff := cmp.Diff(before, m.output()); diff != "" {
		t.Error(diff)
	}
}

func TestSameBytesInEveryFolder(t *testing.T) {
	t.Parallel()
	var outputs []map[string]string
	for i, folder := range []string{"a", "somewhere else/ä"} {
		m := newModuleIn(t, t.TempDir()+"/"+folder)
		m.write("api/published/contacts.md", contacts)
		stdout, stderr := m.mustRun("-strict")
		if want := "wrote api/openapi.json\nwrote gen/client.gen.go\n"; stdout != want || stderr != "" {
			t.Errorf("it says %q and %q", stdout, stderr)
		}
		if i == 0 {
			if stdout, _ := m.mustRun(); stdout != "nothing changed\n" {
				t.Errorf("the second time it says %q", stdout)
			}
			if long(0, 1) == 1 {
				m.vet() // TestCorpus does for more
			}
		}
		outputs = append(outputs, m.output())
	}
	if diff := cmp.Diff(outputs[0], outputs[1]); diff != "" {
		t.Error(diff)
	}
	client := outputs[0]["gen/client.gen.go"]
	for _, want := range []string{"GetContact(ctx context.Context, contactID int64, params *GetContactParams", "ID     int64", "Since *wire.Time"} {
		if !strings.Contains(client, want) {
			t.Errorf("the client has no %q", want)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	for _, args := range [][]string{{"-unknown"}, {"argument"}} {
		if _, stderr, status := m.run(args...); status != 2 || !strings.Contains(stderr, "-strict") {
			t.Errorf("%v: status %d, %s", args, status, stderr)
		}
	}
}

func TestStrict(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	m.write("api/published/contacts.md", strings.Replace(contacts, "type: integer, format", "type: Integer, format", 1))
	before := m.output()
	_, stderr, status := m.run("-strict")
	want := `first api/published/contacts.md:28: /components/parameters/ContactId/schema/type: the type is in the wrong case: "Integer" taken for "integer"`
	if status != 1 || !strings.Contains(stderr, want) || !strings.Contains(stderr, "defects are new: run make generate") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if diff := cmp.Diff(before, m.output()); diff != "" {
		t.Error(diff)
	}
	m.env = []string{"STRICT=1"}
	if _, stderr, status := m.run(); status != 1 || !strings.Contains(stderr, want) {
		t.Errorf("with STRICT=1: status %d\n%s", status, stderr)
	}
	m.env = nil
	_, stderr = m.mustRun()
	if !strings.Contains(stderr, "warning: ") || strings.Contains(stderr, "error") {
		t.Error(stderr)
	}
	if !strings.Contains(m.read("api/defects.txt"), "/get/parameters/0/schema/type: the type is in the wrong case") {
		t.Error(m.read("api/defects.txt"))
	}
	if stdout, stderr := m.mustRun("-strict"); stdout != "nothing changed\n" || stderr != "" {
		t.Errorf("what was accepted is told again: %s%s", stdout, stderr)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(m *module)
		want   []string
	}{
		"outputs edited": {
			func(m *module) {
				m.edit("api/openapi.json", `"operationId": "UploadMedia"`, `"operationId": "Upload"`)
				m.edit("gen/client.gen.go", "type MediaID = wire.Text", "type MediaID = string")
				m.write("gen/extra.go", "package gen\n")
			},
			[]string{
				"--- api/openapi.json\n", "\n-        \"operationId\": \"Upload\",\n+        \"operationId\": \"UploadMedia\",\n",
				"--- gen/client.gen.go\n", "\n-type MediaID = string\n+type MediaID = wire.Text\n",
				"gen/extra.go: is not generated\n",
			},
		},
		"code removed": {
			func(m *module) { _ = os.Remove(m.path("gen/client.gen.go")) },
			[]string{"--- gen/client.gen.go\n", "\n+package gen\n"},
		},
		"sources edited": {
			func(m *module) {
				m.edit("api/published/returns-a-whatsapp-id-for-an-uploaded-file.md", `"summary": "Returns a WhatsApp ID for an uploaded file"`, `"summary": "Returns an ID"`)
				m.write("api/published/contacts.md", contacts)
			},
			[]string{"--- api/openapi.json\n", "+        \"summary\": \"Returns an ID\",\n", "+    \"/contacts/{contactId}\": {\n", "--- gen/client.gen.go\n"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newModule(t)
			tt.change(m)
			before := m.output()
			stdout, stderr, status := m.run("-check", "-strict")
			if status != 1 || !strings.Contains(stderr, "run make generate and commit the result") {
				t.Errorf("status %d, %s", status, stderr)
			}
			for _, want := range tt.want {
				if !strings.Contains(stdout, want) {
					t.Errorf("the diff has no %q:\n%s", want, stdout)
				}
			}
			if diff := cmp.Diff(before, m.output()); diff != "" {
				t.Error("it changed something", diff)
			}
		})
	}
}

// Pages as odd as they may come, all at once, with the project's own.
func TestCorpus(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	m := newModule(t)
	for _, entry := range entries {
		data, err := os.ReadFile("testdata/corpus/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		m.write("api/published/"+entry.Name(), string(data))
	}
	_, stderr := m.mustRun()
	m.vet()
	if strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "/components/schemas/Dog: has properties and no type, and became an object") {
		t.Errorf("it warns:\n%s", stderr)
	}
}

// Documents of OpenAPI 3.1 work beside others.
func TestNewerDocument(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	data, err := os.ReadFile("testdata/newer.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m.write("api/published/newer.yaml", string(data))
	m.mustRun()
	m.vet()
	client := m.read("gen/client.gen.go")
	for _, want := range []string{`\tA +string `, `\tB +B `, `\tD +int `, `\tF +wire.Text `} {
		if !regexp.MustCompile(want).MatchString(client) {
			t.Errorf("the client has no %s", want)
		}
	}
}
