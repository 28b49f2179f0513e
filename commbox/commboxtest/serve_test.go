package commboxtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/commbox-go/client/api"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/commbox/internal/sample"
)

// Every operation of any document is served within its own contract: the request
// that the document allows is no violation, and neither is the answer, with the
// status of success and with every other documented one.
func TestServesEveryOperation(t *testing.T) {
	t.Parallel()
	documents := map[string][]byte{"CommBox's": api.Document()}
	for _, name := range []string{"contacts.json", "odd.yaml", "odd31.yaml"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		documents[name] = data
	}
	for name, document := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.NewServer(commboxtest.WithDocument(document))
			defer s.Close()
			for _, o := range s.Document().Operations() {
				for _, key := range append([]string{""}, o.Responses.Keys()...) {
					if status, err := strconv.Atoi(key); err == nil && status >= 200 {
						s.Fail(commboxtest.Status(status))
					}
					checkServed(t, s, o)
				}
			}
			noViolations(t, s)
		})
	}
}

func checkServed(t *testing.T, s *commboxtest.Server, o sample.Operation) {
	t.Helper()
	r, err := o.Request(t.Context(), s.URL, s.Key())
	if err != nil {
		t.Fatal(err)
	}
	c := s.HTTPClient()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	began := time.Now()
	a := mustDo(t, c, r)
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("%s %s took %v", o.Method, o.Path, d)
	}
	documented := o.Responses.Status(a.StatusCode)
	if documented == nil {
		documented = o.Responses.Default()
	}
	if documented == nil {
		if o.Path != "/failures-only" || a.StatusCode != 200 {
			t.Errorf("%s %s: status %d is not in the document", o.Method, o.Path, a.StatusCode)
		}
		return
	}
	claims := len(documented.Value.Content) > 0 && a.StatusCode != http.StatusNoContent
	if !claims && (a.Header.Get("Content-Type") != "" || len(a.body) > 0) {
		t.Errorf("%s %s: claims %q %q, and the document does not", o.Method, o.Path, a.Header.Get("Content-Type"), a.body)
	}
	if !claims || !strings.Contains(a.Header.Get("Content-Type"), "json") || o.Method == http.MethodHead {
		return
	}
	if !json.Valid(a.body) {
		t.Errorf("%s %s: %q is no JSON", o.Method, o.Path, a.body)
	}
	// By the library alone, without what the server thinks of itself.
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: &routers.Route{Spec: s.Document().T, Operation: o.Operation}},
		Status:                 a.StatusCode,
		Header:                 a.Header,
		Body:                   io.NopCloser(bytes.NewReader(a.body)),
	})
	if err != nil {
		t.Errorf("%s %s: answer %s: %v", o.Method, o.Path, a.body, err)
	}
}

// What a document shows is answered as it is shown.
func TestAnswersOfTheOddDocument(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/odd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := commboxtest.NewServer(commboxtest.WithDocument(data))
	t.Cleanup(s.Close)
	for path, want := range map[string]string{
		"/contradiction":  `{"a":1}`,
		"/second-example": `{"a":2}`,
		"/enum":           `{"a":7,"b":"x"}`,
		"/overlap":        `{"a":"text","b":null}`,
		"/lengths":        `{"a":"texttttttttt","b":"te"}`,
		"/kinds":          `[{"kind":"feline","name":"text"}]`,
		"/no-content":     ``,
		"/html":           `<h1>Hello</h1>`,
		"/recursion":      `{"list":[],"next":{"list":[],"next":null}}`,
		"/map":            `{"unnamed":4}`,
		"/range":          `{"a":"text","status":"200"}`,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			a := mustDo(t, s.HTTPClient(), request(t, s, "GET", path, "", nil))
			if a.StatusCode != 200 || string(a.body) != want {
				t.Errorf("%s\n got %s\nwant %s", a.Status, a.body, want)
			}
		})
	}
}
