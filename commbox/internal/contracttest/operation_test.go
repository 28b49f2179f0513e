package contracttest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"

	"github.com/commbox-go/client/gen"
)

// checkGenerated holds every operation of the document to the client that was
// generated, whatever operations there are.
func (c *contract) checkGenerated() {
	methods := c.methods()
	s := newContractServer()
	defer s.Close()
	for _, op := range c.operations() {
		method, ok := methods[op.at]
		if !ok {
			c.breach(op.at, "gen/ has no method for %s: run make generate", op)
			continue
		}
		c.checkResponses(op, method, s)
	}
}

// contractMethod is one of *gen.ClientWithResponses.
type contractMethod struct{ reflect.Method }

// answer is the struct that it returns, in which each documented answer has
// a field.
func (m contractMethod) answer() reflect.Type { return m.Type.Out(0).Elem() }

// call does what the method does, with arguments that mean nothing.
func (m contractMethod) call(api *gen.ClientWithResponses, from *contract) (answer reflect.Value, err error) {
	in := []reflect.Value{reflect.ValueOf(api), reflect.ValueOf(from.t.Context())}
	for i := 2; i < m.Type.NumIn()-1; i++ { // without the edits at the end
		in = append(in, contractArgument(m.Type.In(i)))
	}
	out := m.Func.Call(in)
	err, _ = out[1].Interface().(error)
	return out[0], err
}

// contractArgument is a value that fills a place in a path.
func contractArgument(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case t == reflect.TypeFor[io.Reader]():
		v.Set(reflect.ValueOf(strings.NewReader("{}")))
	case t.Kind() == reflect.String:
		v.SetString("x")
	case v.CanInt():
		v.SetInt(1)
	case v.CanFloat():
		v.SetFloat(1)
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
	case t.Kind() == reflect.Slice:
		v.Set(reflect.Append(v, contractArgument(t.Elem())))
	}
	return v
}

// methods finds out by calling them which operations the generated methods
// perform; of those of one operation it takes the one that sends any body.
func (c *contract) methods() map[string]contractMethod {
	var sent *http.Request
	stop := errors.New("seen")
	doer := contractDoer(func(r *http.Request) (*http.Response, error) { sent = r; return nil, stop })
	api, err := gen.NewClientWithResponses("http://127.0.0.1/", gen.WithHTTPClient(doer))
	if err != nil {
		c.t.Fatal(err)
	}
	found := make(map[string]contractMethod)
	for method := range reflect.TypeOf(api).Methods() {
		if !strings.HasSuffix(method.Name, "WithResponse") {
			continue
		}
		sent = nil
		m := contractMethod{method}
		if _, err := m.call(api, c); !errors.Is(err, stop) {
			c.t.Errorf("gen.%s makes no request: %v", method.Name, err)
			continue
		}
		op, _, _ := c.find("gen."+method.Name, sent)
		if _, known := found[pointerOf(op)]; op != nil && (!known || strings.HasSuffix(method.Name, "WithBodyWithResponse")) {
			found[op.at] = m
		}
	}
	return found
}

func pointerOf(op *contractOperation) string {
	if op == nil {
		return ""
	}
	return op.at
}

type contractDoer func(*http.Request) (*http.Response, error)

func (d contractDoer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// contractServer gives everybody the same answer, of net/http's making.
type contractServer struct {
	*httptest.Server
	mu          sync.Mutex
	status      int
	contentType string
	body        []byte
}

func newContractServer() *contractServer {
	s := new(contractServer)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.contentType != "" {
			w.Header().Set("Content-Type", s.contentType)
		}
		w.WriteHeader(s.status)
		_, _ = w.Write(s.body)
	}))
	return s
}

func (s *contractServer) set(a contractAnswer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.contentType, s.body = a.status, a.mediaType, a.body
}
