package golang_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/commbox-go/client/api/internal/golang"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

func generate(t *testing.T, document string) (string, error) {
	t.Helper()
	data, err := os.ReadFile("../../codegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config, err := golang.ParseConfig(data)
	if err != nil {
		t.Fatal(err)
	}
	var tree any // the loader of the library knows no anchors
	if err := yaml.Unmarshal([]byte(document), &tree); err != nil {
		t.Fatal(err)
	}
	if data, err = json.Marshal(tree); err != nil {
		t.Fatal(err)
	}
	code, err := golang.Generate(data, config)
	return string(code), err
}

// TestStyles: what a Go programmer sees of a document in several styles is in
// testdata/styles.txt.
func TestStyles(t *testing.T) {
	document, err := os.ReadFile("testdata/styles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	code, err := generate(t, string(document))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/styles.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := exported(t, code); got != string(want) {
		t.Errorf("(-want +got)\n%s", cmp.Diff(string(want), got))
	}
	if again, err := generate(t, string(document)); err != nil || again != code {
		t.Errorf("another time it is something else, or %v", err)
	}
}

// exported are the types and constants, and the methods that make calls.
func exported(t *testing.T, code string) string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", code, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	show := func(node any) {
		if err := format.Node(&b, files, node); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n")
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.GenDecl:
			if decl.Tok == token.TYPE || decl.Tok == token.CONST {
				show(decl)
			}
		case *ast.FuncDecl:
			if strings.HasSuffix(decl.Name.Name, "WithResponse") {
				decl.Body = nil
				show(decl)
			}
		}
	}
	head, calls, _ := strings.Cut(b.String(), "type RequestEditorFn")
	_, calls, _ = strings.Cut(calls, "type ClientWithResponsesInterface")
	_, calls, _ = strings.Cut(calls, "\n}\n")
	return fmt.Sprint(head, calls)
}

func TestRefused(t *testing.T) {
	const operation = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {operationId: getIt, responses: {'200': {description: ok, content: {application/json: {schema: "
	named := "{type: object, x-go-type-name: Same, properties: {a: {type: string}, b: {type: object, x-go-type-name: Same, properties: {c: {type: string}}}}}"
	for _, test := range []struct{ schema, want string }{
		{named, "two types have the name Same"},
		{"{type: object, properties: {a: {type: string, x-go-type: 7}}}", "x-go-type"},
	} {
		if _, err := generate(t, operation+test.schema+"}}}}}}}"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.schema, err, test.want)
		}
	}
	for _, config := range []string{"package: [", "package: ''"} {
		if _, err := golang.ParseConfig([]byte(config)); err == nil {
			t.Errorf("%s is a configuration", config)
		}
	}
}

// What an operation is called already stays its name, wherever others stand, and a type has the names that the
// generator needs for others.
func TestNamesThatCollide(t *testing.T) {
	const document = `
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /media: {post: {operationId: upload, responses: {'204': {description: ok}}}}
  /whatsapp:
    post:
      operationId: UploadMedia
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties: {kind: {type: string, enum: ['', שיחה, הודעה]}, get: {type: string}, marshal_json: {type: string}, additionalProperties: {type: string}}
                additionalProperties: true
`
	code, err := generate(t, document)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`func NewUploadMediaRequest\([^%]*"/whatsapp"`, "\tGet2 ", "\tMarshalJSON2 ", "\tAdditionalProperties2 ", `Value3\s.*= "הודעה"`} {
		if !regexp.MustCompile(want).MatchString(code) {
			t.Errorf("it has no %s", want)
		}
	}
}
