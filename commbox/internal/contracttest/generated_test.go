package contracttest_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/wire"
)

// TestGeneratedIDs: an ID is encoded once, whether it was already or not, and
// nothing leaves for one that would address another resource.
func TestGeneratedIDs(t *testing.T) {
	t.Parallel()
	for _, m := range methods(t) {
		for _, place := range m.ids() {
			for _, id := range []string{"", ".", "..", "%2e%2e", "%2E.", "a\nb", "50%"} {
				s := newScript(answer{status: 404})
				if _, err := m.callWith(t, s.client(t), place, id); !errors.Is(err, commbox.ErrInvalidInput) || len(s.requests) != 0 {
					t.Errorf("%s with %q: %d requests, error %v", m.Name, id, len(s.requests), err)
				}
			}
			paths := map[string]string{}
			for _, id := range []string{"abc==", "abc%3d%3d", "abc%3D="} {
				s := newScript(answer{status: 404})
				if _, err := m.callWith(t, s.client(t), place, id); len(s.requests) != 1 || !strings.Contains(s.requests[0].URL.Path, "abc==") {
					t.Fatalf("%s with %q: %d requests, error %v", m.Name, id, len(s.requests), err)
				}
				paths[s.requests[0].URL.RequestURI()] = id
			}
			if len(paths) != 1 {
				t.Errorf("%s: one ID is sent as %v", m.Name, paths)
			}
		}
	}
}

// TestGeneratedFailures: whatever a failure looks like, it is an *Error with
// its status.
func TestGeneratedFailures(t *testing.T) {
	t.Parallel()
	bodies := []answer{
		{contentType: "application/json", body: `{"status":"400","description":"no","data":[{"recipient":"1","status":400,"failed":"no"}]}`},
		{contentType: "application/json", body: `{"status":"400","descr`},
		{contentType: "application/json", body: `{"status":[],"description":{},"data":7}`},
		{contentType: "text/html", body: `<html>gone`},
		{contentType: "", body: ``},
	}
	for _, m := range methods(t) {
		for _, status := range []int{400, 401, 403, 404, 408, 409, 413, 429, 500, 501, 502, 503, 504} {
			for _, a := range bodies {
				a.status = status
				_, err := m.call(t, newScript(a).client(t))
				isError(t, m, a, err)
			}
		}
	}
}

// TestGeneratedOnce: what the server may have done is not asked for again,
// unless that does no harm.
func TestGeneratedOnce(t *testing.T) {
	t.Parallel()
	for _, m := range methods(t) {
		s := newScript(answer{status: http.StatusInternalServerError})
		policy := commbox.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Nanosecond}
		_, err := m.call(t, s.client(t, commbox.WithRetry(policy)))
		want := 1
		if slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete}, m.verb) {
			want = 2
		}
		if !errors.Is(err, commbox.ErrServer) || len(s.requests) != want {
			t.Errorf("%s: %d requests, error %v", m.Name, len(s.requests), err)
		}
	}
}

// TestGeneratedSurprises: a success of another type than documented, and one
// that is not documented, lose neither status nor body.
func TestGeneratedSurprises(t *testing.T) {
	t.Parallel()
	for _, m := range methods(t) {
		for _, status := range []int{200, 201, 202, 204, 206} {
			kind, documented := m.content(status)
			a := answer{status: status, contentType: "application/json", body: `{"status":200}`}
			if status == http.StatusNoContent {
				a.contentType, a.body = "", ""
			}
			if !documented {
				_, err := m.call(t, newScript(a).client(t))
				isError(t, m, a, err)
				continue
			}
			if !strings.Contains(kind, "json") {
				a.contentType, a.body = kind, ""
				if kind != "" {
					a.body = "<p>content</p>"
				}
				if _, err := m.call(t, newScript(a).client(t)); err != nil {
					t.Errorf("%s, %d with content of type %q: %v", m.Name, status, kind, err)
				}
				if kind == "" && m.verb != http.MethodHead && status != http.StatusNoContent {
					a.contentType, a.body = "text/html", "<p>Sign in"
					_, err := m.call(t, newScript(a).client(t))
					isError(t, m, a, err)
				}
				continue
			}
			field, ok := m.Type.Out(0).Elem().FieldByName(fmt.Sprintf("JSON%d", status))
			if !ok {
				field, ok = m.Type.Out(0).Elem().FieldByName("JSON2XX")
			}
			if !ok {
				t.Errorf("%s has no field for the JSON of %d", m.Name, status)
				continue
			}
			for _, body := range append(mismatches(field.Type.Elem()), "", "plain", `{"status":200,"data":`) {
				a.body, a.contentType = body, "application/json"
				if !strings.ContainsAny(body, "[{") {
					a.contentType = "text/plain"
				}
				_, err := m.call(t, newScript(a).client(t))
				isError(t, m, a, err)
			}
		}
	}
}

// content is the type of an answer's content, one that is not JSON if there are
// several, and whether the answer is documented.
func (m method) content(status int) (kind string, documented bool) {
	successes := 0
	for code := range m.op.Responses.Map() {
		if strings.HasPrefix(code, "2") {
			successes++
		}
	}
	answer := m.op.Responses.Status(status)
	if answer == nil {
		answer = m.op.Responses.Value("2XX")
	}
	if answer == nil || m.verb == http.MethodHead || status == http.StatusNoContent {
		return "", answer != nil || successes == 0
	}
	for other, media := range answer.Value.Content {
		if kind == "" || !strings.Contains(other, "json") {
			kind = other
		}
		if media.Schema == nil {
			return "", true
		}
	}
	return kind, true
}

// mismatches are JSON that t cannot hold: of all of it, and of its data.
func mismatches(t reflect.Type) []string {
	var all []string
	if other := otherThan(t); other != "" {
		all = append(all, other)
	}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name == "data" {
				if other := otherThan(t.Field(i).Type); other != "" {
					all = append(all, `{"status":200,"data":`+other+`}`)
				}
			}
		}
	}
	return all
}

// otherThan is JSON of a type that t does not hold.
func otherThan(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[wire.Time]():
		return "" // it takes everything
	case t == reflect.TypeFor[wire.Text](), t.Kind() == reflect.Slice, t.Kind() == reflect.String:
		return `{"a":1}`
	case t.Kind() == reflect.Pointer:
		return otherThan(t.Elem())
	case t.Kind() == reflect.Interface, t.Kind() == reflect.Struct && t.NumField() == 1 && t.Field(0).Name == "union":
		return ""
	default:
		return `[1]`
	}
}
