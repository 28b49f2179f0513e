package contracttest_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/commbox-go/client/api"
	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/gen"
	"github.com/getkin/kin-openapi/openapi3"
)

// A method is one of the generated client that makes a call, with the
// operation of the document that it performs.
type method struct {
	reflect.Method
	at   string // "POST /path"
	verb string
	op   *openapi3.Operation
}

// methods are all of them. It fails the test if one belongs to no operation,
// or if an operation has none.
func methods(t *testing.T) (all []method) {
	t.Helper()
	doc, err := api.Load()
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for verb := range item.Operations() {
			missing[verb+" "+path] = true
		}
	}
	for m := range reflect.TypeFor[*gen.ClientWithResponses]().Methods() {
		if !strings.HasSuffix(m.Name, "WithResponse") {
			continue
		}
		found := method{Method: m}
		s := newScript(answer{status: http.StatusNotFound})
		if _, err := found.call(t, s.client(t)); err == nil || len(s.requests) != 1 {
			t.Fatalf("%s makes %d requests, error %v", m.Name, len(s.requests), err)
		}
		found.verb = s.requests[0].Method
		for path, item := range doc.Paths.Map() {
			if op := item.Operations()[found.verb]; op != nil && matches(path, s.requests[0].URL.Path) {
				// A path without parameters is the better match.
				if found.op == nil || !strings.Contains(path, "{") {
					found.op, found.at = op, found.verb+" "+path
				}
			}
		}
		if found.op == nil {
			t.Fatalf("%s performs no operation of the document: %s", m.Name, s.requests[0].URL)
		}
		delete(missing, found.at)
		all = append(all, found)
	}
	for at := range missing {
		t.Errorf("gen/ has no method for %s", at)
	}
	return all
}

var parameter = regexp.MustCompile(`\\\{[^/]*?\\\}`)

func matches(template, path string) bool {
	pattern := parameter.ReplaceAllString(regexp.QuoteMeta(template), "[^/]+")
	return regexp.MustCompile("^" + pattern + "$").MatchString(path)
}

// ids are the places of the parameters in the path that are text. Those of a
// path come first.
func (m method) ids() (places []int) {
	for i := range strings.Count(m.at, "{") {
		if m.Type.In(2+i).Kind() == reflect.String {
			places = append(places, 2+i)
		}
	}
	return places
}

// call performs the operation with something harmless in all places.
func (m method) call(t *testing.T, client *commbox.Client) (result reflect.Value, err error) {
	t.Helper()
	return m.callWith(t, client, 0, "")
}

// callWith puts an ID into one place.
func (m method) callWith(t *testing.T, client *commbox.Client, place int, id string) (result reflect.Value, err error) {
	t.Helper()
	in := []reflect.Value{reflect.ValueOf(client.API()), reflect.ValueOf(t.Context())}
	for i := 2; i < m.Type.NumIn()-1; i++ {
		in = append(in, harmless(m.Type.In(i)))
	}
	if place > 0 {
		in[place].SetString(id)
	}
	out := m.Func.Call(in)
	err, _ = out[1].Interface().(error)
	return out[0], err
}

func harmless(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case t == reflect.TypeFor[io.Reader]():
		v.Set(reflect.ValueOf(strings.NewReader("{}")))
	case t.Kind() == reflect.String:
		v.SetString("x")
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
	case t.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		v.Set(reflect.Append(v, harmless(t.Elem())))
	}
	return v
}

// An answer is what a server says.
type answer struct {
	status            int
	contentType, body string
}

// A script is a transport that gives the same answer to all requests.
type script struct {
	answer   answer
	mu       sync.Mutex
	requests []*http.Request
}

func newScript(a answer) *script { return &script{answer: a} }

func (s *script) client(t *testing.T, opts ...commbox.Option) *commbox.Client {
	t.Helper()
	opts = append([]commbox.Option{commbox.WithHTTPClient(&http.Client{Transport: s}), commbox.WithRetry(commbox.NoRetry())}, opts...)
	client, err := commbox.New(commbox.APIKey("key"), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	h := http.Header{}
	if s.answer.contentType != "" {
		h.Set("Content-Type", s.answer.contentType)
	}
	return &http.Response{
		StatusCode: s.answer.status, Status: strconv.Itoa(s.answer.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h,
		Body: io.NopCloser(bytes.NewReader([]byte(s.answer.body))), ContentLength: int64(len(s.answer.body)), Request: r,
	}, nil
}

// isError demands that a call has failed with the status and the body that the
// server gave.
func isError(t *testing.T, m method, a answer, err error) {
	t.Helper()
	var e *commbox.Error
	switch {
	case !errors.As(err, &e):
		t.Errorf("%s, %d %q: %v", m.Name, a.status, a.body, err)
	case e.StatusCode != a.status || string(e.Body) != a.body || e.Attempts != 1 || !strings.HasPrefix(e.Op, m.verb+" /"):
		t.Errorf("%s, %d %q: %+v", m.Name, a.status, a.body, e)
	}
}
