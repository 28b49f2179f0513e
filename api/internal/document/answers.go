package document

import "gopkg.in/yaml.v3"

// skipPointer is the generator's extension for an optional value that is no
// pointer in Go.
const skipPointer = "x-go-type-skip-optional-pointer"

// answers lets the properties of schemas that only answers use be generated
// without pointers: what is absent from an answer reads as its zero value. A
// request needs the pointers, to send false, 0 and "".
func (t tree) answers() {
	sent := t.sent()
	t.walk(t.top(), func(p *place) {
		if p.kind != schemaKind || p.up.key != "properties" || p.up.kind != "{}schema" || get(p.node, skipPointer) != nil {
			return
		}
		for at := p; at != nil; at = at.up {
			if sent[at.node] {
				return
			}
		}
		if t.mayContainItself(p) {
			return
		}
		set(p.node, skipPointer, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
	})
}

// mayContainItself reports whether Go might need the pointer because the type
// of a property is, by name, the type that has it.
func (t tree) mayContainItself(p *place) bool {
	if get(p.node, "x-go-type") != nil {
		return false
	}
	if ref := reference(p); ref != "" {
		to, why := t.lead(schemaKind, ref)
		if why != "" {
			return true
		}
		kind := text(to.node, "type")
		return kind == "object" || kind == "" && get(to.node, "x-go-type") == nil || reference(to) != ""
	}
	return get(p.node, "allOf") != nil || get(p.node, "oneOf") != nil || get(p.node, "anyOf") != nil
}

// sent returns what requests are made of: parameters, bodies and callbacks,
// and the schemas that they refer to.
func (t tree) sent() map[*yaml.Node]bool {
	sent := map[*yaml.Node]bool{}
	var mark func(p *place)
	mark = func(p *place) {
		if sent[p.node] {
			return
		}
		sent[p.node] = true
		t.walk(p, func(inner *place) {
			if ref := reference(inner); ref != "" {
				if to := t.resolve(ref); to != nil {
					mark(to)
				}
			}
		})
	}
	t.walk(t.top(), func(p *place) {
		if p.kind == "parameter" || p.kind == "requestBody" || p.kind == "callback" {
			mark(p)
		}
	})
	return sent
}
