package document

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// repair applies an overlay to the tree. Every action has to say why it is
// there and has to match something; all that do not are reported. An action
// that matches and changes nothing is a warning.
func (t tree) repair(in Input) (warnings, problems Problems) {
	plain, err := parse(in.Data, "yaml", 1) // without aliases, which the overlay library takes for values
	if err != nil {
		return nil, Problems{inFile(in.Name, err)}
	}
	var repairs overlay.Overlay
	decoder := yaml.NewDecoder(bytes.NewReader(encode(plain)))
	decoder.KnownFields(true)
	if err = decoder.Decode(&repairs); err == nil {
		err = repairs.Validate()
	}
	if err != nil {
		return nil, Problems{{File: in.Name, What: fmt.Sprintf("is no overlay: %v", err), Fix: "see the OpenAPI Overlay Specification 1.0.0"}}
	}
	lines := get(plain, "actions").Content
	for i, action := range repairs.Actions {
		problem := Problem{File: in.Name, Line: lines[i].Line}
		label := fmt.Sprintf("action %d, target %s (%s)", i+1, action.Target, action.Description)
		changed, err := t.apply(&repairs, action)
		switch {
		case err != nil:
			problem.What = fmt.Sprintf("%s %v", label, err)
			problem.Fix = "if CommBox repaired or moved what it is about, remove or adapt it"
			problems = append(problems, problem)
		case !changed:
			problem.What, problem.Fix = label+" changes nothing", "remove it: CommBox seems to have done the repair"
			warnings = append(warnings, problem)
		}
	}
	return warnings, problems
}

func (t tree) apply(repairs *overlay.Overlay, action overlay.Action) (changed bool, err error) {
	if action.Description == "" {
		return false, errors.New("has no description that says why it is needed")
	}
	if action.Copy != "" || action.Remove == !action.Update.IsZero() {
		return false, errors.New("needs either update or remove")
	}
	path, err := repairs.NewPath(action.Target, nil)
	if err != nil {
		what, _, _ := strings.Cut(err.Error(), "\n")
		return false, fmt.Errorf("has a target that is no JSONPath: %s", what)
	}
	targets := path.Query(t.root)
	if len(targets) == 0 {
		return false, errors.New("matches nothing")
	}
	before := encode(t.root)
	unplaced(&action.Update)
	one := *repairs
	one.Actions = []overlay.Action{action}
	if _, err := one.ApplyToStrict(t.root); err != nil {
		return false, err
	}
	for _, target := range targets {
		finish(target, &action.Update)
	}
	return !bytes.Equal(before, encode(t.root)), nil
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
// scalar and not its type, so that true over "true" would stay a string. And
// it merges a $ref into what is there, where a reference stands alone.
func finish(target, update *yaml.Node) {
	if target == nil || target.Kind != update.Kind {
		return
	}
	if target.Kind == yaml.ScalarNode {
		target.Tag = update.Tag
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
