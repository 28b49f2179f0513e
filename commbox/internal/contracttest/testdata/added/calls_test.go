// Package added_test calls operations that only their pages brought: what is
// in published/ was saved beside CommBox's own page and generated from, and
// nothing else was changed.
package added_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/commbox/wire"
	"github.com/commbox-go/client/gen"
	"github.com/google/go-cmp/cmp"
	openapi_types "github.com/oapi-codegen/runtime/types"
)

// large is a number that a float64 does not have.
const large = 1<<53 + 1

// newServer is a CommBox for one test, which ends with no contract broken.
func newServer(t *testing.T) *commboxtest.Server {
	t.Helper()
	s := commboxtest.NewServer()
	t.Cleanup(func() {
		s.Close()
		for _, v := range s.Violations() {
			t.Errorf("contract: %s", v)
		}
	})
	return s
}

// quick is a client of s that waits for next to nothing.
func quick(s *commboxtest.Server, opts ...commbox.Option) *commbox.Client {
	policy := commbox.RetryPolicy{BaseDelay: time.Millisecond}
	return s.Client(append([]commbox.Option{commbox.WithRetry(policy)}, opts...)...)
}

// listener keeps what is sent.
type listener struct {
	http.RoundTripper
	mu    sync.Mutex
	query string
	body  []byte
	key   string
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.query, l.key, l.body = r.URL.RawQuery, r.Header.Get("Authorization"), nil
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			l.body, _ = io.ReadAll(body)
		}
	}
	return l.RoundTripper.RoundTrip(r)
}

func ptr[T any](v T) *T { return &v }

// form is a file and what goes with it.
func form(t *testing.T, fields map[string]string) (contentType string, body io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="attachment"; filename="offer.pdf"`)
	header.Set("Content-Type", "application/pdf")
	part, err := w.CreatePart(header)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, "%PDF-1.7")
	for name, value := range fields {
		_ = w.WriteField(name, value)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), bytes.NewReader(b.Bytes())
}

// TestAddedRequests: what a caller says is what is sent, the empty values too, and
// the document allows it.
func TestAddedRequests(t *testing.T) {
	t.Parallel()
	since := time.Date(2025, 2, 6, 7, 51, 52, 258194200, time.FixedZone("", 2*60*60))
	message := gen.Announcement{
		TemplateName: "offer", Recipients: []string{"9725551234"},
		PreviewURL: ptr(false), Priority: ptr(0), Note: ptr(""), TTL: ptr(0.0), VisitorID: ptr(int64(large)),
		Language: ptr(gen.AnnouncementLanguage("he")), SendAt: &wire.Time{Time: since},
	}
	const filled = `{"templateName":"offer","recipients":["9725551234"],"previewUrl":false,"priority":0,"note":"","ttl":0,` +
		`"visitor_id":9007199254740993,"language":"he","send_at":"2025-02-06T07:51:52.2581942+02:00"}`
	tests := map[string]struct {
		call  func(context.Context, *gen.ClientWithResponses) error
		query url.Values
		body  string // JSON
	}{
		"GET, empty values": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.GetDossiersOfAStreamWithResponse(ctx, "abc==", &gen.GetDossiersOfAStreamParams{Limit: 0, Unread: ptr(false)})
				return err
			},
			query: url.Values{"limit": {"0"}, "unread": {"false"}},
		},
		"GET, all parameters": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.GetDossiersOfAStreamWithResponse(ctx, "a/b+c==", &gen.GetDossiersOfAStreamParams{
					Limit: large, Since: &wire.Time{Time: since}, States: []gen.DossierState{"open", "waiting for customer"}, Curator: ptr(int64(large)),
				})
				return err
			},
			query: url.Values{
				"limit": {"9007199254740993"}, "since": {"2025-02-06T07:51:52.2581942+02:00"},
				"states": {"open", "waiting for customer"}, "curator": {"9007199254740993"},
			},
		},
		"POST JSON": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.SendAnAnnouncementWithResponse(ctx, "abc==", message)
				return err
			},
			body: filled,
		},
		"POST JSON, the least": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.SendAnAnnouncementWithResponse(ctx, "abc==", gen.Announcement{Recipients: []string{}})
				return err
			},
			body: `{"templateName":"","recipients":[]}`,
		},
		"PUT of a schema that answers share": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.UpdateAVisitorWithResponse(ctx, large, gen.Visitor{
					Name: "דנה", Vip: ptr(false), Score: ptr(int32(0)), Balance: ptr(int64(-large)), Email: ptr(""), Language: ptr(gen.VisitorLanguage("")),
				})
				return err
			},
			body: `{"name":"דנה","vip":false,"score":0,"balance":-9007199254740993,"email":"","language":""}`,
		},
		"POST multipart": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				contentType, body := form(t, map[string]string{"caption": "", "internal": "false"})
				_, err := api.AddDossierAttachmentWithBodyWithResponse(ctx, large, &gen.AddDossierAttachmentParams{Notify: ptr(false)}, contentType, body)
				return err
			},
			query: url.Values{"notify": {"false"}},
		},
		"DELETE": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.DeleteAVisitorWithResponse(ctx, large)
				return err
			},
		},
		"GET a day": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.GetAlmanacWithResponse(ctx, openapi_types.Date{Time: since})
				return err
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			heard := &listener{RoundTripper: s.HTTPClient().Transport}
			if err := test.call(t.Context(), quick(s, commbox.WithHTTPClient(&http.Client{Transport: heard})).API()); err != nil {
				t.Fatal(err)
			}
			if heard.key != "Bearer "+s.Key() {
				t.Errorf("authenticated by %q", heard.key)
			}
			query, err := url.ParseQuery(heard.query)
			if diff := cmp.Diff(test.query, query); err != nil || diff != "" && len(test.query)+len(query) > 0 {
				t.Errorf("query %q, error %v (-want +got):\n%s", heard.query, err, diff)
			}
			if test.body != "" {
				if diff := cmp.Diff(decoded(t, test.body), decoded(t, string(heard.body))); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// decoded is a JSON value with its numbers as they are written.
func decoded(t *testing.T, text string) (value any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return value
}

// TestAddedBrokenRequests: commboxtest holds the new operations to their pages.
func TestAddedBrokenRequests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call func(context.Context, *gen.ClientWithResponses) error
		want string // of the violation
	}{
		"a value that is none": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.GetDossiersOfAStreamWithResponse(ctx, "abc", &gen.GetDossiersOfAStreamParams{States: []gen.DossierState{"lost"}})
				return err
			},
			want: `query parameter "states" at /0: value is not one of the allowed values ["open","waiting for customer","closed"]: /components/schemas/DossierState/enum`,
		},
		"a parameter is missing": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.GetDossiersOfAStreamWithResponse(ctx, "abc", nil)
				return err
			},
			want: `query parameter "limit" is missing: /paths/~1streams~1{ENCRYPTED_STREAM_ID}~1dossiers/get/parameters/1/required`,
		},
		"a field is missing": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				_, err := api.SendAnAnnouncementWithBodyWithResponse(ctx, "abc", "application/json", strings.NewReader(`{"recipients":[]}`))
				return err
			},
			want: `the body: property "templateName" is missing: /components/schemas/Announcement/required`,
		},
		"a part is missing": {
			call: func(ctx context.Context, api *gen.ClientWithResponses) error {
				body := "--x\r\nContent-Disposition: form-data; name=\"caption\"\r\n\r\nhello\r\n--x--\r\n"
				_, err := api.AddDossierAttachmentWithBodyWithResponse(ctx, 1, nil, "multipart/form-data; boundary=x", strings.NewReader(body))
				return err
			},
			want: `multipart part "attachment" is missing: /paths/~1dossiers~1{dossierId}~1attachments/post/requestBody/content/multipart~1form-data/schema/required`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.NewServer()
			defer s.Close()
			err := test.call(t.Context(), quick(s).API())
			isError(t, err, 400, commbox.ErrBadRequest)
			if got := s.Violations(); len(got) != 1 || !strings.HasSuffix(got[0], test.want) {
				t.Errorf("violations %q, want %q", got, test.want)
			}
		})
	}
}
