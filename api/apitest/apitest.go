// Package apitest makes up an API in CommBox's manner, with the defects that
// CommBox's own pages have, for tests of everything that is made of a document.
package apitest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed testdata/operations.yaml
var operations []byte

type object = map[string]any

// A document has its sections in the order of CommBox's.
type document struct {
	OpenAPI    string           `json:"openapi" yaml:"openapi"`
	Info       object           `json:"info" yaml:"info"`
	Servers    []any            `json:"servers" yaml:"servers"`
	Tags       []any            `json:"tags,omitempty" yaml:"tags,omitempty"`
	Security   []any            `json:"security,omitempty" yaml:"security,omitempty"`
	Paths      map[string]paths `json:"paths" yaml:"paths"`
	Components object           `json:"components,omitempty" yaml:"components,omitempty"`
}

type paths = map[string]object // an operation by its method

// Pages returns one help page for each operation, by file name. The same seed
// gives the same pages; another one has other schemas and defects.
func Pages(seed uint64) map[string][]byte {
	m := newMaker(seed, false)
	pages := map[string][]byte{}
	for path, item := range m.doc.Paths {
		for method, operation := range item {
			one := document{OpenAPI: m.doc.OpenAPI, Info: m.doc.Info, Servers: m.doc.Servers, Paths: map[string]paths{path: {method: operation}}}
			one.Components = m.used(operation)
			summary := operation["summary"].(string)
			slug := strings.ReplaceAll(strings.ToLower(fmt.Sprint(summary, " ", method)), " ", "-")
			pages[slug+".md"] = fmt.Appendf(nil, page, summary, operation["description"], strings.ToUpper(method), path, encode(one))
		}
	}
	return pages
}

// Whole returns one document with all operations of Pages and the upload of
// media, and a name for its file. Depending on the seed it is JSON, with or
// without a byte order mark, JSON with a comma too many, or YAML.
func Whole(seed uint64) (name string, data []byte) {
	m := newMaker(seed, true)
	m.upload()
	switch data = encode(m.doc); seed % 4 {
	case 1:
		return "commbox.json", append([]byte("\ufeff"), data...)
	case 2:
		return "commbox.json", regexp.MustCompile(`\n\}\n$`).ReplaceAll(data, []byte(",\n}\n"))
	case 3:
		data, _ = yaml.Marshal(m.doc)
		return "commbox.yaml", data
	}
	return "commbox.json", data
}

const page = `> ## Documentation Index
> Fetch the complete documentation index at: https://help.commbox.io/llms.txt
> Use this file to discover all available pages before exploring further.

# %s

> %s

## OpenAPI

` + "````json %s %s\n%s````\n"

func encode(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		panic(err) // it holds nothing but plain values
	}
	return b.Bytes()
}

// A maker draws the same numbers for pages and for the whole document, so that
// the two differ where the code says so and nowhere else.
type maker struct {
	rand  *rand.Rand
	whole bool
	doc   document
}

func newMaker(seed uint64, whole bool) *maker {
	m := &maker{rand: rand.New(rand.NewPCG(seed, 1)), whole: whole, doc: document{
		OpenAPI: "3.0.3",
		Info:    object{"title": "CommBox API", "version": "2.07", "x-logo": object{"url": "https://www.commbox.io/logo.png"}},
		Servers: []any{object{"url": "https://api.commbox.io/", "description": "Production server"}},
		Paths:   map[string]paths{},
	}}
	m.doc.Components = object{"schemas": m.schemas(), "parameters": m.parameters()}
	if whole {
		m.doc.Components["securitySchemes"] = object{"bearerAuth": object{"type": "http", "scheme": "bearer"}, "jwtAuth": object{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
		m.doc.Security = []any{object{"bearerAuth": []any{}}}
		m.doc.Tags = []any{object{"name": "Tickets", "description": "What customers ask"}, object{"name": "Contacts"}}
	}
	var rows [][]string
	if err := yaml.Unmarshal(operations, &rows); err != nil {
		panic(err)
	}
	for _, row := range rows {
		if m.doc.Paths[row[1]] == nil {
			m.doc.Paths[row[1]] = paths{}
		}
		m.doc.Paths[row[1]][row[0]] = m.operation(row)
	}
	return m
}

var reference = regexp.MustCompile(`"#/components/(\w+)/([^"/]+)`)

// used returns the components that an operation refers to, but for those of
// its own path parameters, which no page brings along.
func (m *maker) used(operation object) object {
	found := object{}
	names := map[string]bool{}
	for _, p := range operation["parameters"].([]any) {
		if p := p.(object); p["in"] == "path" {
			names[p["name"].(string)] = true
		}
	}
	var add func(v any)
	add = func(v any) {
		for _, match := range reference.FindAllStringSubmatch(string(encode(v)), -1) {
			section, name := match[1], match[2]
			if found[section] == nil {
				found[section] = object{}
			}
			if section == "parameters" && names[name] || found[section].(object)[name] != nil {
				continue
			}
			component := m.doc.Components[section].(object)[name]
			found[section].(object)[name] = component
			add(component)
		}
	}
	add(operation)
	maps.DeleteFunc(found, func(_ string, v any) bool { return len(v.(object)) == 0 })
	return found
}
