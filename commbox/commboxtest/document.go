package commboxtest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/commbox-go/client/commbox/internal/sample"
)

// document is the contract that the server keeps, and holds its clients to.
type document struct {
	*sample.Document
	paths []pathTemplate // more specific ones first
}

// pathTemplate finds the requests of one path of the document.
type pathTemplate struct {
	template string
	item     *openapi3.PathItem
	match    *regexp.Regexp // of the escaped path, a group for each name
	names    []string
}

// target is what a request addresses.
type target struct {
	route  *routers.Route    // nil: the document does not have that path
	params map[string]string // of the path, decoded
	stream string            // the first of them: the channel
	err    string            // why the path is unusable; "" if it is not
}

// scope is what faults may be for.
func (t target) scope() scope {
	sc := scope{stream: t.stream}
	if t.route != nil && t.route.Operation != nil {
		sc.operation = t.route.Operation.OperationID
	}
	return sc
}

func loadDocument(data []byte) (*document, error) {
	doc, err := sample.Load(data)
	if err != nil {
		return nil, err
	}
	d := &document{Document: doc}
	for _, template := range d.Paths.InMatchingOrder() {
		// Over escaped paths, in which the slash of an ID (%2F) is not one of the path's.
		expr := regexp.QuoteMeta((&url.URL{Path: template}).EscapedPath())
		match := regexp.MustCompile("^" + escapedParameter.ReplaceAllString(expr, "([^/]+)") + "$")
		var names []string
		for _, name := range parameter.FindAllString(template, -1) {
			names = append(names, strings.Trim(name, "{}"))
		}
		d.paths = append(d.paths, pathTemplate{template, d.Paths.Value(template), match, names})
	}
	return d, nil
}

var (
	parameter        = regexp.MustCompile(`\{[^{}/]+\}`)
	escapedParameter = regexp.MustCompile(`%7B[^/]+?%7D`)
)

// find tells which operation a request addresses. The servers of the document
// play no part: this server takes their place.
func (d *document) find(r *http.Request) target {
	var t target
	for _, p := range d.paths {
		groups := p.match.FindStringSubmatch(r.URL.EscapedPath())
		if groups == nil {
			continue
		}
		t = target{}
		t.route = &routers.Route{
			Spec: d.T, Path: p.template, PathItem: p.item,
			Method: r.Method, Operation: p.item.GetOperation(r.Method),
		}
		t.params = make(map[string]string, len(p.names))
		for i, name := range p.names {
			value, _ := url.PathUnescape(groups[i+1]) // net/http lets no bad escape through
			if value == "." || value == ".." {
				t.err = fmt.Sprintf("path parameter %q is %q, which proxies take for another path", name, value)
			}
			t.params[name] = value
			if i == 0 {
				t.stream = value
			}
		}
		if t.route.Operation != nil {
			break
		}
	}
	return t
}

// has tells whether the document has an operation with that ID.
func (d *document) has(operationID string) bool {
	return slices.ContainsFunc(d.paths, func(p pathTemplate) bool {
		for _, op := range p.item.Operations() {
			if op.OperationID == operationID {
				return true
			}
		}
		return false
	})
}

// pointer is the place of the target in the document, as a JSON pointer, with
// tokens below it.
func (t target) pointer(below ...string) string {
	if t.route == nil {
		return "/paths"
	}
	tokens := []string{"paths", t.route.Path}
	if t.route.Operation != nil {
		tokens = append(tokens, strings.ToLower(t.route.Method))
	}
	return pointer(append(tokens, below...)...)
}

var escapeToken = strings.NewReplacer("~", "~0", "/", "~1")

// pointer writes tokens as a JSON pointer (RFC 6901).
func pointer(tokens ...string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString("/" + escapeToken.Replace(t))
	}
	return b.String()
}
