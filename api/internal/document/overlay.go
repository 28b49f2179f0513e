package document

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// repairs are an overlay, with what this project adds to OpenAPI Overlay
// 1.0.0. An action with x-if-present is a rule: it says what is done wherever
// CommBox does something, and may match nothing. Any other is a repair: it
// fixes one place, and has to find it broken.
type repairs struct {
	name            string
	overlay.Overlay `yaml:",inline"`
	Prefer          []string `yaml:"x-prefer"` // files that are believed where sources differ, the most trusted first
	Needs           []string `yaml:"x-needs"`  // operations that package commbox cannot do without, such as POST /a/{b}
}

func (b *builder) readOverlay(in Input) {
	b.overlay.name = in.Name
	root, err := parse(in.Name, in.Data, 1) // without aliases, which the library takes for values
	if err == nil {
		err = root.Decode(&b.overlay)
	}
	if err == nil {
		err = b.overlay.Validate()
	}
	if err != nil {
		b.overlayFailed(fmt.Sprintf("is no overlay: %v", err), "see the OpenAPI Overlay Specification 1.0.0")
	}
}

func (b *builder) overlayFailed(what, fix string) {
	b.problems = append(b.problems, Problem{File: b.overlay.name, What: what, Fix: fix})
}

// requireOperations refuses sources without an operation that package commbox
// needs, before anything else is found wrong with them.
func (b *builder) requireOperations() {
	for _, need := range b.overlay.Needs {
		method, path, _ := strings.Cut(need, " ")
		if get(get(get(b.root, "paths"), path), strings.ToLower(method)) == nil {
			b.overlayFailed(fmt.Sprintf("no source has the operation %s, which package commbox needs", need),
				"put the page that has it beside the others, or adapt package commbox and x-needs")
		}
	}
}

// repair applies the overlay.
func (b *builder) repair() {
	for i, a := range b.overlay.Actions {
		if wrong, fix := b.apply(a); wrong != "" {
			b.overlayFailed(fmt.Sprintf("action %d, target %s (%s) %s", i+1, a.Target, a.Description, wrong), fix)
		}
	}
}

func (b *builder) apply(a overlay.Action) (wrong, fix string) {
	path, err := b.overlay.NewPath(a.Target, nil)
	switch {
	case err != nil:
		what, _, _ := strings.Cut(err.Error(), "\n")
		return "has a target that is no JSONPath: " + what, "correct it"
	case a.Description == "":
		return "has no description that says why it is needed", "write one"
	case a.Copy != "" || a.Remove == !a.Update.IsZero():
		return "needs either update or remove", "correct it"
	}
	rule := a.Extensions["x-if-present"] == true
	targets := path.Query(b.root)
	if len(targets) == 0 && rule {
		return b.misspelt(a)
	}
	if len(targets) == 0 {
		return "matches nothing: CommBox has moved, renamed or removed what it repairs", "adapt or remove it"
	}
	if a.Remove {
		one := b.overlay.Overlay
		one.Actions = []overlay.Action{a}
		_ = one.ApplyTo(b.root) // the path is one
		return "", ""
	}
	b.giveWay(a)
	before := encode(b.root, 0)
	for _, target := range targets {
		update(target, &a.Update)
	}
	if !rule && bytes.Equal(before, encode(b.root, 0)) {
		return "is no longer needed: CommBox has done it, and it changes nothing", "remove it"
	}
	return "", ""
}

// update merges a value into another. The library would leave true over "true"
// a string, merge a reference into what it replaces, and add to a list what the
// list has already.
func update(n, with *yaml.Node) {
	switch {
	case n.Kind != with.Kind || n.Kind == yaml.ScalarNode || get(with, "$ref") != nil:
		*n = *clone(with)
	case n.Kind == yaml.SequenceNode:
		for _, item := range with.Content {
			if !slices.ContainsFunc(n.Content, func(have *yaml.Node) bool { return same(have, item) }) {
				n.Content = append(n.Content, clone(item))
			}
		}
	default:
		for pair := range slices.Chunk(with.Content, 2) {
			if have := get(n, pair[0].Value); have != nil {
				update(have, pair[1])
			} else {
				set(n, pair[0].Value, clone(pair[1]))
			}
		}
	}
}

// giveWay renames what CommBox has under the name of a type or a schema of our
// own that an action brings.
func (b *builder) giveWay(a overlay.Action) {
	for p := range b.children(b.child(b.child(b.top(), "components"), "schemas")) {
		if p.key == text(&a.Update, goType+"-name") || a.Target == "$.components.schemas" && get(&a.Update, p.key) != nil {
			b.note(p, "has a name that this project needs", "became "+b.rename(p, p.key))
		}
	}
}

var word = regexp.MustCompile(`\w{4,}`)

// misspelt finds a name in the target of a rule that nothing has, although
// something has one that differs in one letter: OpenAPI, the document, or
// another action. A typing error would be a rule that silently matches nothing.
func (b *builder) misspelt(rule overlay.Action) (wrong, fix string) {
	known := append(encode(b.root, 0), grammarFile...)
	for _, a := range b.overlay.Actions {
		if a.Target != rule.Target {
			known = fmt.Append(known, " ", a.Target)
		}
	}
	for _, name := range word.FindAllString(rule.Target, -1) {
		near := make([]string, len(name))
		for i := range name {
			near[i] = name[:i] + `\w{0,2}` + name[i+1:]
		}
		all := regexp.MustCompile(`\b(`+strings.Join(near, "|")+`)\b`).FindAllString(string(known), -1)
		if len(all) > 0 && !slices.Contains(all, name) {
			return fmt.Sprintf("matches nothing, and nothing has the name %q", name), fmt.Sprintf("did you mean %q?", all[0])
		}
	}
	return "", ""
}
