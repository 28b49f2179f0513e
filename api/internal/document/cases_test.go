package document_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commbox-go/client/api/internal/document"
)

var update = flag.Bool("update", false, "write what the cases in testdata give into them")

// A case is a file in testdata: a comment, then sections that begin with
// "-- name --". Sections whose names have a folder are sources; overlay.yaml
// is the overlay, with a harmless default. What is expected is in problems and
// warnings, one per line, and in values: JSON pointers into the effective
// document with what has to be there, "-" for nothing.
type testCase struct {
	comment string
	names   []string
	content map[string]string
}

func readCase(t *testing.T, name string) *testCase {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := &testCase{content: map[string]string{}}
	current := ""
	for line := range strings.Lines(string(data)) {
		if name, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(line, " --\n") {
			current = strings.TrimSuffix(name, " --\n")
			c.names = append(c.names, current)
			continue
		}
		if current == "" {
			c.comment += line
			continue
		}
		c.content[current] += line
	}
	if c.comment == "" || !slices.ContainsFunc(c.names, func(name string) bool { return strings.Contains(name, "/") }) {
		t.Fatalf("%s has no comment or no source", name)
	}
	if !*update && c.content["problems"]+c.content["warnings"]+c.content["values"] == "" {
		t.Fatalf("%s expects nothing", name)
	}
	return c
}

func (c *testCase) write(name string) error {
	var b strings.Builder
	b.WriteString(c.comment)
	for _, section := range c.names {
		fmt.Fprintf(&b, "-- %s --\n%s", section, c.content[section])
	}
	return os.WriteFile(name, []byte(b.String()), 0o644)
}

const harmlessOverlay = `overlay: 1.0.0
x-speakeasy-jsonpath: rfc9535
info: {title: Test, version: 1.0.0}
actions:
  - {target: $.info, description: Changes nothing that matters., update: {x-test: true}}
`

const emptyOverlay = `overlay: 1.0.0
info: {title: Test, version: 1.0.0}
actions:
  - {target: $.info.no, description: Matches nothing., x-if-present: true, remove: true}
`

func (c *testCase) build() (effective []byte, warnings document.Problems, err error) {
	var sources []document.Input
	overlay := document.Input{Name: "api/overlay.yaml", Data: []byte(harmlessOverlay)}
	for _, name := range c.names {
		switch {
		case strings.Contains(name, "/"):
			sources = append(sources, document.Input{Name: name, Data: []byte(c.content[name])})
		case name == "overlay.yaml":
			overlay.Data = []byte(c.content[name])
		}
	}
	return document.Build(sources, overlay)
}

func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			c := readCase(t, file)
			effective, warnings, err := c.build()
			var problems document.Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatalf("%T: %v", err, err)
			}
			if (err == nil) != (effective != nil) {
				t.Fatal("there is a document and an error, or neither")
			}
			got := map[string]string{
				"problems": linesOf(problems), "warnings": linesOf(warnings), "values": values(t, effective, c.content["values"]),
			}
			if *update {
				for name, content := range got {
					if content != "" && c.content[name] == "" {
						c.names = append(c.names, name)
					}
					c.content[name] = content
				}
				if err := c.write(file); err != nil {
					t.Fatal(err)
				}
			}
			for name, content := range got {
				if diff := cmp.Diff(c.content[name], content); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func linesOf(problems document.Problems) string {
	if len(problems) == 0 {
		return ""
	}
	return problems.Error() + "\n"
}

// values looks up the pointers of a values section.
func values(t *testing.T, effective []byte, section string) string {
	t.Helper()
	if section == "" {
		return ""
	}
	var b strings.Builder
	for line := range strings.Lines(section) {
		pointer, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " = ")
		fmt.Fprintf(&b, "%s = %s\n", pointer, value(t, effective, pointer))
	}
	return b.String()
}

// value returns the JSON at a pointer, on one line.
func value(t *testing.T, document []byte, pointer string) string {
	t.Helper()
	if document == nil {
		return "no document"
	}
	raw := json.RawMessage(document)
	for _, key := range strings.Split(pointer, "/")[1:] {
		key = strings.ReplaceAll(strings.ReplaceAll(key, "~1", "/"), "~0", "~")
		var object map[string]json.RawMessage
		var list []json.RawMessage
		if i, err := strconv.Atoi(key); err == nil && json.Unmarshal(raw, &list) == nil {
			if i >= len(list) {
				return "-"
			}
			raw = list[i]
			continue
		}
		if err := json.Unmarshal(raw, &object); err != nil || object[key] == nil {
			return "-"
		}
		raw = object[key]
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
