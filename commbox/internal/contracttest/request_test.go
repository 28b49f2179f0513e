package contracttest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// contractKey is what the client authenticates with here.
const contractKey = "contract-key"

// contractRequest is what arrived at a server.
type contractRequest struct {
	*http.Request
	body []byte
}

// contractUploads are all the shapes in which UploadMedia sends a file.
func contractUploads(ctx context.Context, client *commbox.Client) error {
	once := struct{ io.Reader }{strings.NewReader("%PDF-1.7 of no known size")}
	large := append([]byte("%PDF-1.7"), make([]byte, 1<<20)...)
	var failed []error
	for _, upload := range []struct {
		streamID string
		file     commbox.File
	}{
		{"abc==", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7 at once"))},
		{"hNyRN_fLUy7rrOrN9jLpipA%3d%3d", commbox.FromBytes(`דוח "סופי".pdf`, []byte("%PDF-1.7 with a name"))},
		{"abc==", commbox.FromBytes("large.pdf", large)},
		{"abc==", commbox.FromReader("pipe.pdf", once)},
	} {
		_, err := client.UploadMedia(ctx, upload.streamID, upload.file, commbox.Header("X-Trace", "1"))
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// checkRequests holds what UploadMedia sends to the document, once by
// kin-openapi and the document itself, once by commboxtest.
func (c *contract) checkRequests() {
	for _, r := range c.sent {
		op, route, params := c.find("UploadMedia", r.Request)
		if op == nil {
			return
		}
		c.upload = op
		input := &openapi3filter.RequestValidationInput{
			Request: r.Request, PathParams: params, Route: route,
			Options: &openapi3filter.Options{ExcludeRequestBody: true, MultiError: true, AuthenticationFunc: c.authenticate},
		}
		c.checkParameters(op, input)
		c.checkForm(op, r)
	}
	for _, op := range c.operations() {
		c.checkSecurity(op, c.sent[0].Request)
	}

	s := commboxtest.NewServer(commboxtest.WithDocument(c.document))
	defer s.Close()
	_ = contractUploads(c.t.Context(), s.Client(commbox.WithRetry(commbox.NoRetry()))) // what it makes of the answers is checked elsewhere
	if got := len(s.Requests()); got == 0 {
		c.t.Error("commboxtest has seen no request")
	}
	for _, violation := range s.Violations() {
		sentence, pointer, _ := contractCutLast(violation, ": ")
		c.breach(pointer, "commboxtest says: %s", sentence)
	}
}

// contractSent returns what a server of net/http gets from UploadMedia,
// retries included.
func contractSent(t *testing.T) []contractRequest {
	t.Helper()
	var mu sync.Mutex
	var sent []contractRequest
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		kept := r.Clone(context.Background())
		kept.Body = http.NoBody // it is closed when the handler returns
		sent = append(sent, contractRequest{kept, body})
		if err != nil || len(sent) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable) // and see the second attempt
			return
		}
		_, _ = io.WriteString(w, `{"status":200,"data":[{"id":"1"}]}`)
	}))
	defer s.Close()
	if err := contractUploads(t.Context(), contractClient(t, s)); err != nil || len(sent) < 5 {
		t.Fatalf("%d requests, error %v", len(sent), err)
	}
	return sent
}

// contractClient is one of a server of net/http, in no way patient.
func contractClient(t *testing.T, s *httptest.Server) *commbox.Client {
	t.Helper()
	client, err := commbox.New(commbox.APIKey(contractKey), commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.Client()),
		commbox.WithRetry(commbox.RetryPolicy{MaxAttempts: 2, BaseDelay: 1, ThrottleDelay: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// checkParameters is about path, query and headers.
func (c *contract) checkParameters(op *contractOperation, input *openapi3filter.RequestValidationInput) {
	err := openapi3filter.ValidateRequest(c.t.Context(), input)
	var all openapi3.MultiError
	if !errors.As(err, &all) && err != nil {
		all = openapi3.MultiError{err}
	}
	for _, err := range all {
		var request *openapi3filter.RequestError
		if !errors.As(err, &request) || request.Parameter == nil {
			continue // the key: see checkSecurity
		}
		p := request.Parameter
		c.breach(c.parameterAt(input.Route, p), "UploadMedia sends a request that %s does not allow: %s parameter %q: %s",
			op, p.In, p.Name, strings.SplitN(request.Err.Error(), "\n", 2)[0])
	}
}

func (c *contract) parameterAt(route *routers.Route, p *openapi3.Parameter) string {
	tokens := []string{"paths", route.Path, strings.ToLower(route.Method), "parameters"}
	for i, ref := range route.Operation.Parameters {
		if ref.Value == p {
			return contractPointer(append(tokens, fmt.Sprint(i))...)
		}
	}
	return contractPointer("paths", route.Path, "parameters")
}

// checkForm is about the body: a form with the file as the part that the
// document has for it.
func (c *contract) checkForm(op *contractOperation, r contractRequest) {
	at := op.at + "/requestBody"
	if op.RequestBody == nil {
		c.breach(op.at, "UploadMedia sends a file, and %s has no requestBody", op)
		return
	}
	if ref := op.RequestBody.Ref; ref != "" {
		at = strings.TrimPrefix(ref, "#")
	}
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	content := op.RequestBody.Value.Content
	if err != nil || content[mediaType] == nil || content[mediaType].Schema == nil {
		c.breach(at+"/content", "UploadMedia sends %s, and %s wants %s", mediaType, op, strings.Join(slices.Sorted(maps.Keys(content)), ", "))
		return
	}
	at += contractPointer("content", mediaType, "schema")
	schema := content[mediaType].Schema
	if schema.Ref != "" {
		at = strings.TrimPrefix(schema.Ref, "#")
	}
	sent := c.parts(r, params["boundary"])
	for _, name := range sent {
		switch property := schema.Value.Properties[name]; {
		case property == nil:
			c.breach(at+"/properties", "UploadMedia sends the file as the part %q (partName in upload.go), and %s has the parts %s",
				name, op, strings.Join(slices.Sorted(maps.Keys(schema.Value.Properties)), ", "))
		case property.Value.Format != "binary":
			c.breach(at+contractPointer("properties", name), "UploadMedia sends a file as the part %q, and it is none for %s: its format is %q", name, op, property.Value.Format)
		}
	}
	for _, name := range schema.Value.Required {
		if !slices.Contains(sent, name) {
			c.breach(at+"/required", "UploadMedia sends the parts %q, and %s requires the part %q", sent, op, name)
		}
	}
}

// parts returns the names of the parts of a form.
func (c *contract) parts(r contractRequest, boundary string) (names []string) {
	for form := multipart.NewReader(bytes.NewReader(r.body), boundary); ; {
		part, err := form.NextPart()
		if err == io.EOF {
			return names
		}
		if err != nil {
			c.t.Fatalf("the form cannot be read: %v", err)
		}
		names = append(names, part.FormName())
	}
}

// checkSecurity is about the key, which the client sends with every call.
func (c *contract) checkSecurity(op *contractOperation, r *http.Request) {
	demanded, at := c.doc.Security, "/security"
	if op.Security != nil {
		demanded, at = *op.Security, op.at+"/security"
	}
	open := len(demanded) == 0 || slices.ContainsFunc(demanded, func(s openapi3.SecurityRequirement) bool { return len(s) == 0 })
	if open && (op.Security == nil || c.upload != nil && op.at == c.upload.at) {
		c.breach(at, "%s can be called without an API key by the document, and CommBox refuses that: the requirement is missing (see the first action of api/overlay.yaml)", op)
		return
	}
	input := &openapi3filter.RequestValidationInput{Request: r, Options: &openapi3filter.Options{AuthenticationFunc: c.authenticate}}
	input.Route = &routers.Route{Spec: c.doc}
	var failed *openapi3filter.SecurityRequirementsError
	if err := openapi3filter.ValidateSecurityRequirements(c.t.Context(), input, demanded); errors.As(err, &failed) {
		var scheme contractScheme
		if errors.As(failed.Errors[0], &scheme) {
			at = contractPointer("components", "securitySchemes", scheme.name)
		}
		c.breach(at, "%s: %v", op, failed.Errors[0])
	}
}

// contractScheme is a way to authenticate that the client does not have.
type contractScheme struct {
	name string
	*openapi3.SecurityScheme
}

func (s contractScheme) Error() string {
	return fmt.Sprintf("the client authenticates by HTTP bearer (authorize in client.go), and the scheme %q is %s",
		s.name, strings.Join(strings.Fields(strings.Join([]string{s.Type, s.Scheme, s.In, s.Name}, " ")), " "))
}

// authenticate knows HTTP bearer as RFC 6750 has it, and nothing else.
func (c *contract) authenticate(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	header := in.RequestValidationInput.Request.Header.Get("Authorization")
	if in.SecurityScheme.Type == "http" && strings.EqualFold(in.SecurityScheme.Scheme, "bearer") && header == "Bearer "+contractKey {
		return nil
	}
	return contractScheme{in.SecuritySchemeName, in.SecurityScheme}
}

// contractCutLast is strings.Cut at the last separator.
func contractCutLast(s, sep string) (before, after string, found bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(sep):], true
}

// smallPDF is a file that no limit matters for.
func smallPDF() commbox.File { return commbox.FromBytes("offer.pdf", []byte("%PDF-1.7 an offer")) }
