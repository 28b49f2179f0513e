package contracttest_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/commbox-go/client/api"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// TestContract holds the client to the effective document: what UploadMedia
// sends, what it and the generated operations make of every documented answer,
// and whether gen/ has the types that the document has.
func TestContract(t *testing.T) {
	t.Parallel()
	c := newContract(t, api.Document(), contractSent(t))
	if c.check(); c.upload == nil {
		t.Error("nothing is known of what UploadMedia calls")
	}
	for _, breach := range c.breaches {
		t.Error(breach)
	}
}

// contract is a document that the client is held to. Nothing that it says is
// repeated here: what the client does is observed, and looked up in it.
type contract struct {
	t        *testing.T
	document []byte
	doc      *openapi3.T
	router   routers.Router
	sent     []contractRequest  // by UploadMedia
	upload   *contractOperation // what it calls
	compared map[contractPair]bool
	breaches []string
}

// contractOperation is an operation of the document.
type contractOperation struct {
	*openapi3.Operation
	method, path string
	at           string // its JSON pointer
}

func (o *contractOperation) String() string { return o.method + " " + o.path }

// newContract reads a document, which may turn out to be none.
func newContract(t *testing.T, document []byte, sent []contractRequest) *contract {
	t.Helper()
	c := &contract{t: t, document: document, sent: sent, compared: make(map[contractPair]bool)}
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err == nil {
		doc.Servers = nil // the tests take their place
		c.router, err = legacy.NewRouter(doc)
	}
	if err != nil {
		c.breach("/", "the document is not valid, examples included: %v", err)
		return c
	}
	c.doc = doc
	return c
}

// check notes everything in which the client and the document disagree.
func (c *contract) check() {
	if c.doc == nil {
		return
	}
	c.checkRequests()
	c.checkGenerated()
}

// breach notes a disagreement: a sentence, and the pointer that it ends with.
func (c *contract) breach(pointer, format string, args ...any) {
	sentence := contractLine(fmt.Sprintf(format, args...)) + ": " + pointer
	if !slices.Contains(c.breaches, sentence) {
		c.breaches = append(c.breaches, sentence)
	}
}

// contractLine is the first of a message's lines that say something.
func contractLine(message string) string {
	return strings.Join(strings.Fields(message), " ")
}

// operations returns those of the document, in the order of their paths.
func (c *contract) operations() []*contractOperation {
	var all []*contractOperation
	for _, path := range slices.Sorted(maps.Keys(c.doc.Paths.Map())) {
		item := c.doc.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			all = append(all, c.operation(path, method, item.GetOperation(method)))
		}
	}
	return all
}

func (c *contract) operation(path, method string, op *openapi3.Operation) *contractOperation {
	return &contractOperation{
		Operation: op, method: method, path: path,
		at: contractPointer("paths", path, strings.ToLower(method)),
	}
}

// find returns the operation that a request addresses, by kin-openapi's own
// router, or notes that the document has none.
func (c *contract) find(who string, r *http.Request) (*contractOperation, *routers.Route, map[string]string) {
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		var has []string
		for _, op := range c.operations() {
			has = append(has, op.String())
		}
		c.breach("/paths", "%s sends %s %s, which the document does not have (it has %s)", who, r.Method, r.URL.Path, strings.Join(has, ", "))
		return nil, nil, nil
	}
	return c.operation(route.Path, route.Method, route.Operation), route, params
}

// contractPointer writes tokens as a JSON pointer (RFC 6901).
func contractPointer(tokens ...string) string {
	var b strings.Builder
	for _, token := range tokens {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
	}
	return b.String()
}

// contractInside follows the place of a value, as a JSON pointer, through its
// schema, which is at a pointer too: as far as it leads.
func contractInside(ref *openapi3.SchemaRef, at, place string) string {
	for token := range strings.SplitSeq(strings.TrimPrefix(place, "/"), "/") {
		if ref == nil {
			break
		}
		if ref.Ref != "" {
			at = strings.TrimPrefix(ref.Ref, "#")
		}
		switch s := ref.Value; {
		case s.Properties[token] != nil:
			at, ref = at+contractPointer("properties", token), s.Properties[token]
		case s.Items != nil:
			at, ref = at+"/items", s.Items
		default:
			return at
		}
	}
	return at
}
