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

// repairs are an overlay (OpenAPI Overlay 1.0.0) with the additions of this project. An
// action with x-if-present is a rule: it applies to every place that it matches, and may
// match none. Any other action is a repair: it must match one place, which must still be
// broken.
type repairs struct {
	name            string
	overlay.Overlay `yaml:",inline"`
	Prefer          []string `yaml:"x-prefer"` // files that win if sources contradict each other, the most trusted first
	Needs           []string `yaml:"x-needs"`  // operations that package commbox needs, such as POST /a/{b}
}

func (b *builder) readOverlay(in Input) {
	b.overlay.name = in.Name
	root, err := parse(in.Name, in.Data, 1) // parse resolves aliases, which the library would take for values
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

// requireOperations reports operations that package commbox needs and no source has. It
// runs first, so that this is the first error.
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
		_ = one.ApplyTo(b.root) // its path is valid
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

// update merges a value into another. It replaces the overlay library's merge, which keeps
// a string when true replaces "true", merges a reference into the value that it should
// replace, and appends to a list what is already in the list.
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

// giveWay renames CommBox's components that have the name of a type or a schema that an
// action adds.
func (b *builder) giveWay(a overlay.Action) {
	for p := range b.children(b.child(b.child(b.top(), "components"), "schemas")) {
		if p.key == text(&a.Update, goType+"-name") || a.Target == "$.components.schemas" && get(&a.Update, p.key) != nil {
			b.note(p, "has a name that this project needs", "became "+b.rename(p, p.key))
		}
	}
}

var word = regexp.MustCompile(`\w{4,}`)

// misspelt finds a probable typing error in the target of a rule that matches nothing: an
// unknown name that differs in one letter from a name in OpenAPI, the document or another
// action.
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
