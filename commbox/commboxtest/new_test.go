package commboxtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

var (
	_ commboxtest.T = (*testing.T)(nil)
	_ commboxtest.T = (*testing.B)(nil)
)

// recorder is a test that notes what happens to it.
type recorder struct {
	cleanups []func()
	errors   []string
}

func (r *recorder) Helper()           {}
func (r *recorder) Cleanup(do func()) { r.cleanups = append(r.cleanups, do) }
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestNew(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		path string
		want []string // parts of the errors
	}{
		"contract kept":   {path: uploadPath + "x"},
		"contract broken": {path: "/nope", want: []string{"POST /nope: no such path: /paths"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var test recorder
			s := commboxtest.New(&test, commboxtest.WithTLS())
			body, formType := form("pic", "a.pdf", "application/pdf", []byte("PDF"))
			mustDo(t, s.HTTPClient(), request(t, s, http.MethodPost, tt.path, formType, body))
			for _, do := range test.cleanups {
				do()
			}
			if len(test.errors) != len(tt.want) {
				t.Fatalf("errors: %q", test.errors)
			}
			for i, want := range tt.want {
				if !strings.Contains(test.errors[i], want) {
					t.Errorf("error %q, want %q", test.errors[i], want)
				}
			}
			if _, err := do(s.HTTPClient(), uploadRequest(t, s, "x", nil)); err == nil {
				t.Error("served after the test")
			}
		})
	}
}
