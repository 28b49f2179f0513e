package document_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/commbox-go/client/api/internal/document"
)

// Byte order marks and the line ends of Windows make no difference.
func TestEncodings(t *testing.T) {
	t.Parallel()
	c := readCase(t, "testdata/extract-fences.txt")
	want, _, err := c.build()
	if err != nil {
		t.Fatal(err)
	}
	windows := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	marked := func(s string) string { return "\ufeff" + s }
	marksInside := func(s string) string {
		return strings.NewReplacer("`json GET /a\n", "`json GET /a\n\ufeff", "~~~~txt\n", "~~~~txt\n\ufeff").Replace(s)
	}
	for name, change := range map[string]func(string) string{
		"CRLF": windows, "mark": marked, "mark in the block": marksInside,
		"all": func(s string) string { return marked(windows(marksInside(s))) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := readCase(t, "testdata/extract-fences.txt")
			for file, content := range changed.content {
				if strings.Contains(file, "/") {
					changed.content[file] = change(content)
				}
			}
			got, _, err := changed.build()
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%v\n%s", err, got)
			}
		})
	}
}

func TestNotUTF8(t *testing.T) {
	t.Parallel()
	in := document.Input{Name: "a.json", Data: []byte("{\"openapi\": \"3.0.3\",\n\"x-a\": \"\xff\"}")}
	_, _, err := document.Build([]document.Input{in}, document.Input{Name: "o.yaml", Data: []byte(harmlessOverlay)})
	if want := "a.json: yaml: invalid leading UTF-8 octet (get it again, or remove the file)"; err == nil || err.Error() != want {
		t.Errorf("have %v, want %v", err, want)
	}
}

// The order of the sources changes nothing but the order of the output.
func TestOrderOfSources(t *testing.T) {
	t.Parallel()
	sources := []document.Input{
		{Name: "a.yaml", Data: []byte("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {'204': {$ref: '#/components/responses/None'}}}}}\n")},
		{Name: "b.yaml", Data: []byte("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/b: {get: {responses: {'204': {$ref: '#/components/responses/None'}}}}}\ncomponents: {responses: {None: {description: none}}}\n")},
	}
	overlay := document.Input{Name: "o.yaml", Data: []byte(harmlessOverlay)}
	one, _, err := document.Build(sources, overlay)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := document.Build([]document.Input{sources[1], sources[0]}, overlay)
	if err != nil {
		t.Fatal(err)
	}
	for _, pointer := range []string{"/paths/~1a", "/paths/~1b", "/components"} {
		if a, b := value(t, one, pointer), value(t, other, pointer); a != b || a == "-" {
			t.Errorf("%s: %s and %s", pointer, a, b)
		}
	}
}

// What nests too deep is refused before anything follows it down.
func TestTooDeep(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"a.json": `{"openapi": "3.0.3", "x-a": ` + strings.Repeat("[", 100_000),
		"a.yaml": "openapi: 3.0.3\nx-a: " + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000),
		"b.yaml": "openapi: 3.0.3\nx-a:\n  " + strings.Repeat("- ", 5_000) + "a",
	} {
		if err := document.Extract(document.Input{Name: name, Data: []byte(data)}); err == nil || !strings.Contains(err.Error(), "nested more than 200 deep") && !strings.Contains(err.Error(), "max depth") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
