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

// document is the contract that the server keeps and checks requests against.
type document struct {
	*sample.Document
	paths []pathTemplate // more specific ones first
}

// pathTemplate matches the requests to one path of the document.
type pathTemplate struct {
	template string
	item     *openapi3.PathItem
	match    *regexp.Regexp // for the escaped path, with a group for each name
	names    []string
}

// target is what a request addresses in the document.
type target struct {
	route  *routers.Route    // nil: the document does not have that path
	params map[string]string // of the path, decoded
	stream string            // the first parameter
	err    string            // why the path cannot be used; "" if it can
}

// scope returns what the scope of a fault is compared with.
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
		// It matches escaped paths, because a slash in an ID (%2F) does not separate segments.
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

// find returns the operation that a request addresses. It ignores the servers of the
// document, because this server replaces them.
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

// has reports whether the document has an operation with that ID.
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

// pointer returns the JSON pointer of the target in the document, or of the place that
// the tokens name below it.
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

// pointer makes a JSON pointer from tokens (RFC 6901).
func pointer(tokens ...string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString("/" + escapeToken.Replace(t))
	}
	return b.String()
}
