package document

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// operations finds what makes operations unusable: two with one name, and
// paths that do not have the parameters that they declare.
func (m *mender) operations() {
	named := map[string]*place{}
	m.walk(m.top(), func(p *place) {
		if p.kind != "operation" {
			return
		}
		if id := m.child(p, "operationId"); id != nil {
			if first := named[goName(id.node.Value)]; first != nil {
				taken := id.problem(fmt.Sprintf("the operationId %q is taken by %s", id.node.Value, first.up.pointer()),
					"give one of them another in the overlay: target "+id.target())
				taken.other = first.node.Line
				m.problems = append(m.problems, taken)
			} else {
				named[goName(id.node.Value)] = id
			}
		}
		if p.up.up.kind == "paths" {
			m.pathParameters(p)
		}
	})
}

// goName is what the generator makes of an operationId, roughly: ids that give
// one name cannot both be generated.
func goName(id string) string {
	var b strings.Builder
	upper := true
	for _, c := range id {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			upper = true
			continue
		}
		if upper {
			c = unicode.ToUpper(c)
		}
		b.WriteRune(c)
		upper = false
	}
	return b.String()
}

var templateParameter = regexp.MustCompile(`\{([^{}]*)\}`)

func (m *mender) pathParameters(operation *place) {
	item := operation.up
	var wanted []string
	for _, match := range templateParameter.FindAllStringSubmatch(item.key, -1) {
		wanted = append(wanted, match[1])
	}
	var declared []string
	for _, owner := range []*place{item, operation} {
		list := m.child(owner, "parameters")
		if list == nil || list.node.Kind != yaml.SequenceNode {
			continue
		}
		for i := range list.node.Content {
			p := m.child(list, fmt.Sprint(i))
			if ref := reference(p); ref != "" {
				if to, why := m.lead("parameter", ref); why == "" {
					p = to
				}
			}
			if text(p.node, "in") != "path" {
				continue
			}
			name := text(p.node, "name")
			declared = append(declared, name)
			if !slices.Contains(wanted, name) {
				m.fail(p, fmt.Sprintf("the path parameter %q is not in the path %q", name, item.key),
					"one of the two names is wrong: correct the parameter in the overlay, target "+p.target())
			}
		}
	}
	for _, name := range wanted {
		if !slices.Contains(declared, name) {
			m.fail(operation, fmt.Sprintf("the path has {%s}, but no parameter declares it", name),
				"add the parameter in the overlay: target "+operation.target())
		}
	}
}

// parameter mends a path parameter that does not say that it is required: no
// path exists without it.
func (m *mender) parameter(p *place) {
	if required := get(p.node, "required"); text(p.node, "in") == "path" && (required == nil || required.Value == "false") {
		flag := newString("true", p.node.Line)
		flag.Tag = "!!bool"
		set(p.node, "required", flag)
		m.warn(p, "is a path parameter that is not required, and became required")
	}
}
