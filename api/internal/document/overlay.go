package document

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// What this project adds to OpenAPI Overlay 1.0.0.
const (
	ifPresent = "x-if-present" // of an action: it is a rule, which may match nothing
	prefer    = "x-prefer"     // files that are believed where sources differ, the most trusted first
	needs     = "x-needs"      // operations that package commbox cannot do without, such as POST /a/{b}
)

// repairs are an overlay.
type repairs struct {
	name          string
	prefer, needs []string
	library       overlay.Overlay // its actions are those below, one by one
	actions       []action
}

// An action is a rule or a repair. A rule says what is done wherever CommBox
// does something. A repair fixes one place, and has to find it broken.
type action struct {
	overlay.Action
	label string
	line  int
	rule  bool
}

func (b *builder) readOverlay(in Input) {
	b.overlay.name = in.Name
	plain, err := parse(in.Data, "yaml", 1) // without aliases, which the overlay library takes for values
	if err != nil {
		b.problems = append(b.problems, inFile(in.Name, err))
		return
	}
	var rules []bool
	list := get(plain, "actions")
	if list == nil {
		list = newMapping(1)
	}
	for _, n := range list.Content {
		flag := get(n, ifPresent)
		rules = append(rules, flag != nil && flag.Value == "true")
		remove(n, ifPresent)
	}
	for key, names := range map[string]*[]string{prefer: &b.overlay.prefer, needs: &b.overlay.needs} {
		if n := get(plain, key); n != nil {
			err = errors.Join(err, n.Decode(names))
			remove(plain, key)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(encode(plain)))
	decoder.KnownFields(true)
	if err = errors.Join(err, decoder.Decode(&b.overlay.library)); err == nil {
		err = b.overlay.library.Validate()
	}
	if err != nil {
		b.failed(in.Name, 0, fmt.Sprintf("is no overlay: %v", err), "see the OpenAPI Overlay Specification 1.0.0")
		return
	}
	for i, a := range b.overlay.library.Actions {
		label := fmt.Sprintf("action %d, target %s (%s)", i+1, a.Target, a.Description)
		b.overlay.actions = append(b.overlay.actions, action{a, label, list.Content[i].Line, rules[i]})
	}
}

// requireOperations refuses sources without an operation that package commbox
// needs, before anything else is found wrong with them.
func (b *builder) requireOperations() {
	for _, need := range b.overlay.needs {
		method, path, _ := strings.Cut(need, " ")
		if get(get(get(b.root, "paths"), path), strings.ToLower(method)) == nil {
			b.failed("", 0, fmt.Sprintf("no source has the operation %s, which package commbox needs", need),
				"put the page that has it beside the others, or adapt package commbox and "+needs)
		}
	}
}

// repair applies the overlay to the tree.
func (b *builder) repair() {
	var before map[string]bool
	for _, a := range b.overlay.actions {
		matched, changed, err := b.apply(a)
		switch {
		case err != nil:
			b.failed(b.overlay.name, a.line, fmt.Sprintf("%s %v", a.label, err), "correct it")
		case matched && changed:
		case matched:
			b.failed(b.overlay.name, a.line, a.label+" is no longer needed: CommBox has done it, and it changes nothing", "remove it")
		case !a.rule:
			b.failed(b.overlay.name, a.line, a.label+" matches nothing: CommBox has moved, renamed or removed what it repairs", "adapt or remove it")
		default:
			if before == nil {
				before = b.names()
			}
			if wrong, right := misspelt(a.Target, before); wrong != "" {
				b.failed(b.overlay.name, a.line, fmt.Sprintf("%s matches nothing, and nothing has the name %q", a.label, wrong), fmt.Sprintf("did you mean %q?", right))
			}
		}
	}
}

func (b *builder) apply(a action) (matched, changed bool, err error) {
	if a.Description == "" {
		return false, false, errors.New("has no description that says why it is needed")
	}
	if a.Copy != "" || a.Remove == !a.Update.IsZero() {
		return false, false, errors.New("needs either update or remove")
	}
	path, err := b.overlay.library.NewPath(a.Target, nil)
	if err != nil {
		what, _, _ := strings.Cut(err.Error(), "\n")
		return false, false, fmt.Errorf("has a target that is no JSONPath: %s", what)
	}
	targets := path.Query(b.root)
	if len(targets) == 0 {
		return false, false, nil
	}
	if a.Target == definitions {
		b.giveWay(&a.Update)
	}
	var before []byte
	if !a.rule {
		before = encode(b.root)
	}
	unplaced(&a.Update)
	one := b.overlay.library
	one.Actions = []overlay.Action{a.Action}
	if err := one.ApplyTo(b.root); err != nil {
		return true, false, err
	}
	for _, target := range targets {
		finish(target, &a.Update)
	}
	return true, a.rule || !bytes.Equal(before, encode(b.root)), nil
}

// definitions is the target of an action that defines schemas of our own.
const definitions = "$.components.schemas"

// giveWay renames what CommBox has under the names of our own schemas.
func (b *builder) giveWay(ours *yaml.Node) {
	schemas := b.child(b.child(b.top(), "components"), "schemas")
	free, renamed := newNamer(schemas.node), map[string]string{}
	for key := range entries(schemas.node) {
		if get(ours, key.Value) == nil {
			continue
		}
		unique := free.unique(key.Value)
		renamed["#/components/schemas/"+key.Value] = "#/components/schemas/" + unique
		b.defects = append(b.defects, b.child(schemas, key.Value).note("has a name that this project needs", "became "+unique))
		key.Value = unique
	}
	b.rename(renamed)
}

// unplaced takes the lines away from what an update brings: they are no lines
// of a source.
func unplaced(n *yaml.Node) {
	n.Line = 0
	for _, child := range n.Content {
		unplaced(child)
	}
}

// finish completes an update. The overlay library replaces the text of a
// scalar and not its type, so that true over "true" would stay a string. It
// merges a $ref into what is there, where a reference stands alone. And it
// adds to a list what the list has already.
func finish(target, update *yaml.Node) {
	if target == nil || target.Kind != update.Kind {
		return
	}
	switch target.Kind {
	case yaml.ScalarNode:
		target.Tag = update.Tag
	case yaml.SequenceNode:
		unrepeated(target)
	}
	if get(update, "$ref") != nil {
		for key := range entries(target) {
			if get(update, key.Value) == nil {
				remove(target, key.Value)
			}
		}
	}
	for key, value := range entries(update) {
		finish(get(target, key.Value), value)
	}
}

func unrepeated(list *yaml.Node) {
	seen := map[string]bool{}
	var kept []*yaml.Node
	for _, n := range list.Content {
		if id := string(encode(n)); !seen[id] {
			seen[id] = true
			kept = append(kept, n)
		}
	}
	list.Content = kept
}
