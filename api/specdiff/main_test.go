package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const base = `{
  "openapi": "3.0.3",
  "info": {"title": "CommBox API", "version": "2.07"},
  "security": [{"apiKey": []}],
  "paths": {
    "/contacts/{id}": {
      "get": {
        "operationId": "GetContact",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {
          "type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}
        }}}}}
      }
    },
    "/upload": {
      "post": {
        "operationId": "Upload",
        "requestBody": {"content": {"multipart/form-data": {"schema": {"type": "object", "properties": {"pic": {"type": "string", "format": "binary"}}, "required": ["pic"]}}}},
        "responses": {"204": {"description": "Done"}}
      }
    }
  },
  "components": {"securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}}}
}`

// repository makes a module with a committed document and returns its folder.
func repository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	dir := filepath.Join(t.TempDir(), "module")
	if err := os.MkdirAll(filepath.Join(dir, "api", "specdiff"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir, base)
	rules, err := os.ReadFile(filepath.Join("..", filepath.Base(severities)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(severities)), rules, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"init", "-q"},
		{"add", "."},
		{"-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "base"},
		{"tag", "v1"},
		{"rm", "-q", "--cached", document},
		{"-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "none"},
	} {
		if out, err := git(t.Context(), dir, args...); err != nil {
			t.Fatal(err, string(out))
		}
	}
	return dir
}

func write(t *testing.T, dir, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(document)), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rev      string
		old, new string // what is edited in the work tree
		status   int
		want     []string
	}{
		"unchanged":   {"v1", "", "", 0, []string{"nothing that matters to a client changed since v1\n"}},
		"description": {"v1", `"description": "Done"`, `"description": "All done"`, 0, []string{"nothing that matters"}},
		"operation added": {
			"v1", `"/upload": {`, `"/new": {"get": {"operationId": "GetNew", "responses": {"204": {"description": "None"}}}}, "/upload": {`, 0,
			[]string{"          GET /new: endpoint added\n", "1 changes since v1, none of them breaking\n"},
		},
		"optional parameter added": {
			"v1", `"schema": {"type": "string"}}]`, `"schema": {"type": "string"}}, {"name": "n", "in": "query", "schema": {"type": "integer"}}]`, 0,
			[]string{"GET /contacts/{id}: added the new optional `query` request parameter `n`", "none of them breaking"},
		},
		"operation removed": {
			"v1", `"/upload"`, `"/uploads"`, 1, []string{"BREAKING  POST /upload: ", "          POST /uploads: endpoint added", "1 of them breaking\n"},
		},
		"required parameter added": {
			"v1", `"schema": {"type": "string"}}]`, `"schema": {"type": "string"}}, {"name": "n", "in": "query", "required": true, "schema": {"type": "integer"}}]`, 1,
			[]string{"BREAKING  GET /contacts/{id}: added the new required `query` request parameter `n`"},
		},
		"part renamed":               {"v1", `{"pic": {"type": "string", "format": "binary"}}, "required": ["pic"]`, `{"file": {"type": "string", "format": "binary"}}, "required": ["file"]`, 1, []string{"BREAKING  POST /upload: added the new required request property `file`"}},
		"field of an answer renamed": {"v1", `"name": {"type": "string"}`, `"full_name": {"type": "string"}`, 1, []string{"BREAKING  GET /contacts/{id}: removed the optional property `name`"}},
		"type of an answer changed":  {"v1", `"age": {"type": "integer"}`, `"age": {"type": "string"}`, 1, []string{"BREAKING  GET /contacts/{id}: "}},
		"operation renamed":          {"v1", `"operationId": "Upload"`, `"operationId": "Send"`, 1, []string{"BREAKING  POST /upload: "}},
		"unknown revision":           {"nowhere", "", "", 2, []string{`specdiff: git knows no revision "nowhere"`}},
		"option as revision":         {"--help", "", "", 2, []string{`specdiff: git knows no revision "--help"`}},
		"no document in it":          {"HEAD", "", "", 2, []string{"specdiff: revision HEAD has no api/openapi.json"}},
		"broken document":            {"v1", `"openapi": "3.0.3",`, `"openapi": "3.0.3"`, 2, []string{"specdiff: the documents cannot be compared: the new one: "}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t)
			if tt.old != "" {
				if strings.Count(base, tt.old) != 1 {
					t.Fatalf("the document has %q %d times", tt.old, strings.Count(base, tt.old))
				}
				write(t, dir, strings.Replace(base, tt.old, tt.new, 1))
			}
			var out bytes.Buffer
			if status := run(t.Context(), &out, &out, filepath.Join(dir, "api", "specdiff"), tt.rev); status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it lacks %q", want)
				}
			}
			t.Log(out.String())
		})
	}
}

func TestNoModule(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if status := run(t.Context(), &out, &out, t.TempDir(), "HEAD"); status != 2 || !strings.Contains(out.String(), "there is no api/openapi.json") {
		t.Errorf("status %d, %s", status, out.String())
	}
}
