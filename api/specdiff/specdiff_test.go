package specdiff

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const document = `{
  "openapi": "3.0.3",
  "info": {"title": "CommBox API", "version": "2.07"},
  "paths": {
    "/contacts/{id}": {
      "get": {
        "operationId": "GetContact",
        "description": "Gets a contact",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {
          "type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}
        }}}}}
      }
    }
  }
}`

const client = `// Package gen is generated.
package gen

type Contact struct {
	Name string
	Age  int
}

type ClientInterface interface {
	GetContact(id int) (*Contact, error)
}

type Client struct{}

func (*Client) GetContact(id int) (*Contact, error) { return nil, nil }
`

// repository makes a module with a document and a client, committed as v1, and
// a commit after it that has no document, and returns its folder.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"api", "gen"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "go.mod", "module example.com/client\n\ngo 1.26.0\n")
	write(t, dir, "api/openapi.json", document)
	write(t, dir, "gen/client.gen.go", client)
	commit := []string{"-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "test"}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, commit, {"tag", "v1"}, {"rm", "-q", "--cached", "api/openapi.json"}, commit} {
		if out, err := command(t, dir, "git", args...); err != nil {
			t.Fatal(err, out)
		}
	}
	return dir
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func command(t *testing.T, dir, name string, args ...string) (output string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// replaced returns a text with one part of it, which it has at least once, replaced.
func replaced(t *testing.T, text, part, by string) string {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Fatalf("%q is not in the text", part)
	}
	return strings.ReplaceAll(text, part, by)
}

func TestSpecDiff(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "git", "tar"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs ", tool)
		}
	}
	script, err := filepath.Abs("spec-diff.sh")
	if err == nil {
		_, err = os.Stat(script) // for the go command to see that the result depends on it
	}
	if err != nil {
		t.Fatal(err)
	}
	const operation = `"/contacts": {"get": {"operationId": "GetContacts", "responses": {"204": {"description": "None"}}}}, "/contacts/{id}": {`
	tests := map[string]struct {
		rev            string
		old, new       string // edited in the document
		oldGen, newGen string // edited in the client
		status         int
		want           []string
		never          string
		long           bool // left to make test-long
	}{
		"texts": {
			rev: "v1", old: "Gets a contact", new: "Returns one contact", oldGen: "Package gen is generated", newGen: "Package gen is made",
			want: []string{"nothing that matters to a caller changed since v1"}, never: "BREAKING",
		},
		"operation added": {
			rev: "v1", old: `"/contacts/{id}": {`, new: operation,
			oldGen: "type ClientInterface interface {", newGen: "func (*Client) GetContacts() error { return nil }\n\ntype ClientInterface interface {\n\tGetContacts() error",
			want: []string{"          GET /contacts endpoint added", "          gen: (*Client).GetContacts: added"}, never: "BREAKING",
		},
		"path ID from number to text": {
			rev: "v1", old: `"required": true, "schema": {"type": "integer"}`, new: `"required": true, "schema": {"type": "string"}`,
			oldGen: "id int", newGen: "id string", status: 1,
			want: []string{"BREAKING  GET /contacts/{id} for the `path` request parameter `id`, the `type` was widened from `integer` to `string`", "BREAKING  gen: (*Client).GetContact: changed"},
		},
		"operation renamed": {
			rev: "v1", old: "GetContact", new: "ReadContact", oldGen: "GetContact", newGen: "ReadContact", status: 1,
			want: []string{"BREAKING  GET /contacts/{id} api operation id `GetContact` removed", "BREAKING  gen: (*Client).GetContact: removed"},
		},
		"operation removed": {
			rev: "v1", old: `"/contacts/{id}"`, new: `"/people/{id}"`, status: 1, long: true,
			want: []string{"BREAKING  GET /contacts/{id} ", "          GET /people/{id} endpoint added"},
		},
		"field of an answer removed": {
			rev: "v1", old: `"name": {"type": "string"}, `, new: "", oldGen: "\tName string\n", newGen: "", status: 1,
			want: []string{"BREAKING  GET /contacts/{id} removed the optional property `name` from the response", "BREAKING  gen: Contact.Name: removed"},
		},
		"only gen": {
			rev: "v1", oldGen: "Age  int", newGen: "Age  string", status: 1, long: true, want: []string{"BREAKING  gen: Contact.Age: changed from int to string"},
		},
		"unknown revision":   {rev: "nowhere", status: 2, want: []string{"spec-diff: git knows no revision 'nowhere'"}},
		"option as revision": {rev: "--help", status: 2, want: []string{"spec-diff: git knows no revision '--help'"}},
		"no document in it":  {rev: "HEAD", status: 2, want: []string{"spec-diff: revision HEAD has no api/openapi.json"}},
		"broken document":    {rev: "v1", old: `"3.0.3",`, new: `"3.0.3"`, status: 2, long: true, want: []string{"spec-diff: the documents cannot be compared"}},
		"broken client":      {rev: "v1", oldGen: "package gen", newGen: "package", status: 2, long: true, want: []string{"spec-diff: gen/ cannot be read"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.long && os.Getenv("COMMBOX_TEST_LONG") == "" {
				t.Skip("make test-long runs it")
			}
			dir := repository(t)
			write(t, dir, "api/openapi.json", replaced(t, document, tt.old, tt.new))
			write(t, dir, "gen/client.gen.go", replaced(t, client, tt.oldGen, tt.newGen))
			out, err := command(t, dir, script, tt.rev)
			status := 0
			if exit := new(exec.ExitError); errors.As(err, &exit) {
				status = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("it lacks %q", want)
				}
			}
			if tt.never != "" && strings.Contains(out, tt.never) {
				t.Errorf("it has %q", tt.never)
			}
			t.Log(out)
		})
	}
}
