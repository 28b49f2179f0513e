package project

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// An API made up in CommBox's manner, with the defects that CommBox's own pages
// have, is what everything that is made of a document is tested with.
//
//go:embed testdata/grammar.yaml
var grammar []byte

//go:embed testdata/operations.yaml
var madeUpOperations []byte

var (
	madeUpTo   = flag.String("made-up-to", "", "write a made-up API into this folder: pages, and below whole/ one document")
	madeUpSeed = flag.Uint64("made-up-seed", 7, "the seed of that")
)

// The material does not depend on anything but its seed. Tests of other
// packages have it written.
func TestMadeUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		one, again := madeUpPages(seed), madeUpPages(seed)
		if len(one) != 40 || !maps.EqualFunc(one, again, bytes.Equal) {
			t.Errorf("seed %d: %d pages, or two kinds of them", seed, len(one))
		}
		name, data := madeUpDocument(seed)
		if other, again := madeUpDocument(seed); name != other || !bytes.Equal(data, again) {
			t.Errorf("seed %d: two kinds of %s", seed, name)
		}
	}
	if *madeUpTo != "" {
		for name, data := range madeUpPages(*madeUpSeed) {
			write(t, *madeUpTo, name, string(data))
		}
		name, data := madeUpDocument(*madeUpSeed)
		write(t, filepath.Join(*madeUpTo, "whole"), name, string(data))
	}
}

// madeUpPages returns one help page for each operation, by file name. The same
// seed gives the same pages; another one has other schemas and defects.
func madeUpPages(seed uint64) map[string][]byte {
	m := newMaker(seed, false)
	pages := map[string][]byte{}
	for i, op := range m.operations {
		if op["kind"] != "upload" { // of which the project has the page
			m.text["text"] = m.document(m.operations[i : i+1])
			slug := strings.ReplaceAll(strings.ToLower(op["summary"]+" "+op["method"]), " ", "-")
			maps.Copy(m.text, op)
			pages[slug+".md"] = []byte(m.expand("<page>"))
		}
	}
	return pages
}

// madeUpDocument returns one document with all operations of madeUpPages and the upload of
// media, and a name for its file. Depending on the seed it is JSON, with or
// without a byte order mark, JSON with a comma too many, or YAML.
func madeUpDocument(seed uint64) (name string, data []byte) {
	m := newMaker(seed, true)
	text := m.document(m.operations)
	switch seed % 4 {
	case 1:
		text = "\ufeff" + text
	case 2:
		text = strings.TrimSuffix(text, "\n}\n") + ",\n}\n"
	case 3:
		var v any
		must(yaml.Unmarshal([]byte(text), &v))
		data, err := yaml.Marshal(v)
		must(err)
		return "commbox.yaml", data
	}
	return "commbox.json", []byte(text)
}

// A maker expands the rules of testdata/grammar.yaml. It draws the same numbers
// for pages and for the whole document, so that the two differ where the rules
// say so and nowhere else.
type maker struct {
	rand       *rand.Rand
	whole      bool
	rules      map[string][]string
	text       map[string]string   // rules that are known only when they are needed
	operations []map[string]string // the rows of testdata/operations.yaml, by column
}

func newMaker(seed uint64, whole bool) *maker {
	m := &maker{rand: rand.New(rand.NewPCG(seed, 1)), whole: whole, text: map[string]string{}}
	must(yaml.Unmarshal(grammar, &m.rules))
	must(yaml.Unmarshal(madeUpOperations, &m.operations))
	m.text["components"] = m.json("<all components>")
	for _, op := range m.operations {
		maps.Copy(m.text, op)
		m.text["parameters"] = ""
		for _, match := range pathParameter.FindAllStringSubmatch(op["path"], -1) {
			m.text["parameter"] = match[1]
			m.text["parameters"] += m.expand("<path parameter>")
		}
		op["json"] = m.json("<operation>")
	}
	return m
}

// document returns a document with some operations.
func (m *maker) document(operations []map[string]string) string {
	paths := map[string]map[string]json.RawMessage{}
	for _, op := range operations {
		if paths[op["path"]] == nil {
			paths[op["path"]] = map[string]json.RawMessage{}
		}
		paths[op["path"]][op["method"]] = json.RawMessage(op["json"])
	}
	data, err := json.Marshal(paths)
	must(err)
	m.text["paths"] = string(data)
	var b bytes.Buffer
	must(json.Indent(&b, []byte(m.expand("<document>")), "", "  "))
	return b.String() + "\n"
}

// json expands YAML, and makes it JSON.
func (m *maker) json(text string) string {
	var v any
	must(yaml.Unmarshal([]byte(m.expand(text)), &v))
	data, err := json.Marshal(v)
	must(err)
	return string(data)
}

var (
	choice        = regexp.MustCompile(`<[^<>]+>`)
	pathParameter = regexp.MustCompile(`\{(\w+)\}`)
)

// expand makes the choices in a text, those inside others first.
func (m *maker) expand(text string) string {
	for choice.MatchString(text) {
		text = choice.ReplaceAllStringFunc(text, func(from string) string { return m.expand(m.choose(from[1 : len(from)-1])) })
	}
	return text
}

func (m *maker) choose(from string) string {
	section, _, ofKind := strings.Cut(from, " of ")
	page, whole, differ := strings.Cut(strings.TrimPrefix(from, "?"), "|")
	switch options := m.rules[from]; {
	case strings.HasPrefix(from, "?") && m.whole:
		return whole
	case strings.HasPrefix(from, "?"):
		return page
	case options == nil && differ:
		options = strings.Split(from, "|")
		fallthrough
	case options != nil:
		return options[m.rand.IntN(len(options))]
	case ofKind:
		return m.choose(section + " of others")
	default:
		return m.text[from]
	}
}

func must(err error) {
	if err != nil {
		panic(err) // what is embedded is wrong
	}
}
