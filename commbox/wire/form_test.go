package wire_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/wire"
	"github.com/google/go-cmp/cmp"
	openapi_types "github.com/oapi-codegen/runtime/types"
)

func TestForm(t *testing.T) {
	t.Parallel()
	type kind string
	var pdf, unnamed openapi_types.File
	pdf.InitFromBytes([]byte("%PDF-1.7"), "הצעה \"1\".pdf")
	unnamed.InitFromBytes([]byte("\x89PNG\r\n\x1a\n"), "")
	caption := "hello"
	form, err := wire.NewForm(struct {
		Pic      openapi_types.File   `json:"pic"`
		Files    []openapi_types.File `json:"files,omitempty"`
		Caption  *string              `json:"caption,omitempty"`
		Nothing  *string              `json:"nothing,omitempty"`
		Missing  *openapi_types.File  `json:"missing,omitempty"`
		Kind     kind                 `json:"kind"`
		Count    int64                `json:"count"`
		Final    bool                 `json:"final"`
		When     wire.Time            `json:"when"`
		Tags     []string             `json:"tags"`
		Meta     map[string]int       `json:"meta"`
		Empty    map[string]int       `json:"empty"`
		Internal int                  `json:"-"`
	}{
		Pic: pdf, Files: []openapi_types.File{unnamed, pdf}, Caption: &caption, Kind: "a b", Count: 1<<53 + 1, Final: true,
		When: wire.Time{Time: time.Date(2025, 2, 6, 7, 51, 52, 0, time.UTC)}, Tags: []string{"x", "y"}, Meta: map[string]int{"a": 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`pic|הצעה "1".pdf|application/pdf|%PDF-1.7`, "files|files|image/png|\x89PNG\r\n\x1a\n", `files|הצעה "1".pdf|application/pdf|%PDF-1.7`,
		"caption|||hello", "kind|||a b", "count|||9007199254740993", "final|||true", "when|||2025-02-06T07:51:52Z", "tags|||x", "tags|||y",
		`meta||application/json|{"a":1}`,
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", form.Reader())
	if err == nil {
		err = form.Attach(t.Context(), req)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(form.ContentType)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // it can be sent again
		body, err := req.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(body)
		if err != nil || int64(len(data)) != req.ContentLength || body.Close() != nil {
			t.Errorf("%d bytes, %d announced, error %v", len(data), req.ContentLength, err)
		}
		if diff := cmp.Diff(want, parts(t, string(data), params["boundary"])); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := wire.NewForm(7); !errors.Is(err, wire.ErrInvalidInput) {
		t.Errorf("a number: %v", err)
	}
	if _, err := wire.NewForm(struct {
		A func() `json:"a"`
	}{func() {}}); !errors.Is(err, wire.ErrInvalidInput) {
		t.Errorf("a function: %v", err)
	}
}

// parts are name, file name, type and content.
func parts(t *testing.T, data, boundary string) (all []string) {
	t.Helper()
	r := multipart.NewReader(strings.NewReader(data), boundary)
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Join([]string{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(content)}, "|"))
	}
}
