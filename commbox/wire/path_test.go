package wire_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/commbox-go/client/commbox/wire"
	"github.com/oapi-codegen/runtime"
	openapi_types "github.com/oapi-codegen/runtime/types"
)

func segment(value any) (string, error) {
	return wire.PathParam("simple", false, "ID", value, runtime.StyleParamOptions{ParamLocation: runtime.ParamLocationPath})
}

func TestPathParam(t *testing.T) {
	t.Parallel()
	type kind string
	for _, test := range []struct {
		value any
		want  string // empty: refused
	}{
		{"abc==", "abc=="}, {"abc%3d%3d", "abc=="}, {"abc%3D%3D", "abc=="}, {"abc%253d", "abc%253d"}, {"a+b", "a+b"}, {"a%2Bb", "a+b"},
		{"a/b", "a%2Fb"}, {"a%2Fb", "a%2Fb"}, {"../x", "..%2Fx"}, {"50%25", "50%25"}, {"a b", "a%20b"}, {"a?b#c", "a%3Fb%23c"}, {"ש", "%D7%A9"},
		{"...", "..."}, {kind("a%2Fb"), "a%2Fb"}, {wire.Text("a=="), "a=="}, {7, "7"}, {int64(-1), "-1"}, {[]string{"a", "b"}, "a,b"},
		{openapi_types.Date{Time: time.Date(2025, 2, 6, 0, 0, 0, 0, time.UTC)}, "2025-02-06"},

		{"", ""}, {".", ""}, {"..", ""}, {"%2e", ""}, {"%2e%2e", ""}, {"%2E.", ""}, {".%2e", ""}, {"50%", ""}, {"%zz", ""}, {"a\nb", ""}, {"a%0ab", ""},
		{"a%00", ""}, {"a\u0085", ""}, {kind(".."), ""}, {wire.Text("%2e."), ""}, {[]string{".."}, ""}, {[]string{}, ""}, {(*string)(nil), ""},
	} {
		got, err := segment(test.value)
		if got != test.want || (err == nil) != (test.want != "") || err != nil && !errors.Is(err, wire.ErrInvalidInput) {
			t.Errorf("%#v is %q, %v; want %q", test.value, got, err, test.want)
		}
	}
}

// FuzzPathParam sends IDs to a server: what arrives is what was meant, in a
// segment of its own, or nothing leaves.
func FuzzPathParam(f *testing.F) {
	for _, id := range []string{
		"hNyRN_fLUy7rrOrN9jLpipA%3d%3d", "abc==", "a/b", "a%2Fb", "a%252Fb", "a%252e%252e", ".", "..", "%2e%2e", "%2E", "...", "../x", "%", "%zz", "", "a\nb",
		"a%0ab", "a b", "a+b", "a?b#c", "a;b", "ש", "%d7%a9", "\xff", "%ff", "{ID}", "a//b", "/", "@", ":", "a:b", "\u0085", "\u2028", `a\b`, "//host/",
	} {
		f.Add(id)
	}
	arrivals := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrivals <- r.RequestURI }))
	f.Cleanup(s.Close)
	base, err := url.Parse(s.URL + "/objects/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id string) {
		meant, err := url.PathUnescape(id)
		usable := err == nil && meant != "" && meant != "." && meant != ".." && !strings.ContainsFunc(meant, unicode.IsControl)
		got, err := segment(id)
		if (err == nil) != usable {
			t.Fatalf("%q is %q: %v", id, got, err)
		}
		if err != nil {
			if !errors.Is(err, wire.ErrInvalidInput) {
				t.Fatalf("%q: %v", id, err)
			}
			return
		}
		// This is how the generated code makes a URL of it.
		to, err := base.Parse("./" + got + "/indicators")
		if err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to.String(), nil)
		if err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		_ = resp.Body.Close()
		arrived := <-arrivals
		segments := strings.Split(strings.TrimPrefix(arrived, "/objects/"), "/")
		if len(segments) != 2 || segments[1] != "indicators" {
			t.Fatalf("%q arrives as %q", id, arrived)
		}
		if back, err := url.PathUnescape(segments[0]); err != nil || back != meant {
			t.Fatalf("%q means %q and arrives as %q", id, meant, arrived)
		}
	})
}
