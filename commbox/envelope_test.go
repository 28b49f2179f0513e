package commbox_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestAnswersThatDecode(t *testing.T) {
	t.Parallel()
	const json = "application/json"
	tests := map[string]struct {
		code       int
		kind, body string
		id         string
	}{
		"the documented one":      {200, json, `{"status":"200","description":"Operation successful","response_time":"2024-08-06T07:51:52.2581942Z","data":[{"filename":"a.pdf","id":"257250616863050"}]}`, "257250616863050"},
		"a number as status":      {200, json, `{"status":200,"response_time":"2024-08-06T07:51:52Z","data":[{"id":"1"}]}`, "1"},
		"a number as ID":          {200, json, `{"status":"200","data":[{"id":257250616863050}]}`, "257250616863050"},
		"a UUID":                  {200, json, `{"status":"200","data":[{"id":"0e6f1a2b-5c3d-4e5f-8a9b-0c1d2e3f4a5b"}]}`, "0e6f1a2b-5c3d-4e5f-8a9b-0c1d2e3f4a5b"},
		"a time without zone":     {200, json, `{"status":"200","response_time":"2025-02-06T07:51:52.2581942","data":[{"id":"1"}]}`, "1"},
		"an unreadable time":      {200, json, `{"status":"200","response_time":"yesterday","data":[{"id":"1"}]}`, "1"},
		"a time that is a number": {200, json, `{"status":"200","response_time":17,"data":[{"id":"1"}]}`, "1"},
		"nulls":                   {200, json, `{"status":null,"description":null,"response_time":null,"data":[{"filename":null,"id":"1"}]}`, "1"},
		"fields nobody knows":     {200, json, `{"status":"200","warnings":[],"data":[{"id":"1","url":"x"}]}`, "1"},
		"a byte order mark":       {200, json, "\xef\xbb\xbf" + `{"status":"200","data":[{"id":"1"}]}`, "1"},
		"white space":             {200, json, "\r\n " + `{"status":"200","data":[{"id":"1"}]}` + "\n", "1"},
		"as text/plain":           {200, "text/plain", `{"status":"200","data":[{"id":"1"}]}`, "1"},
		"as text/html":            {200, "text/html; charset=utf-8", `{"status":"200","data":[{"id":"1"}]}`, "1"},
		"without a type":          {200, "", `{"status":"200","data":[{"id":"1"}]}`, "1"},
		"201":                     {201, json, `{"status":"201","data":[{"id":"1"}]}`, "1"},
		"202 as text":             {202, "text/plain", `{"status":"202","data":[{"id":"1"}]}`, "1"},
		"the second of two":       {200, json, `{"status":"200","data":[{"filename":"a"},{"filename":"b","id":"2"}]}`, "2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			s.Fail(commboxtest.Answer(test.code, test.kind, test.body))
			media, err := s.Client(commbox.WithRetry(commbox.NoRetry())).UploadMedia(t.Context(), "abc", smallPDF())
			if err != nil || media.ID != test.id {
				t.Fatalf("media %+v, error %v", media, err)
			}
		})
	}
}

// TestEnvelopeIsNotHTTP: a status in the envelope has no meaning for the
// connection.
func TestEnvelopeIsNotHTTP(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Answer(200, "application/json", `{"status":417}`).Forever())
	c, _ := fakeClient(s)
	_, err := c.UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", make([]byte, 1<<20+1)))
	if !errors.Is(err, commbox.ErrBadRequest) || len(s.Requests()) != 1 {
		t.Errorf("%d requests, error %v", len(s.Requests()), err)
	}
}

// TestAnswerThatIsCutOff: of an answer without a length only its JSON shows that
// the end is missing, and the upload is tried again. One whose end was announced
// is as it was sent.
func TestAnswerThatIsCutOff(t *testing.T) {
	t.Parallel()
	const whole = `{"status":"200","data":[{"id":"1"}]}`
	for name, tt := range map[string]struct {
		encoding []string
		first    string
		requests int
	}{
		"without a length": {nil, whole[:20], 2},
		"chunked":          {[]string{"chunked"}, whole[:20], 1},
		"no JSON":          {nil, "}" + whole, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			rt := roundTripper(func(r *http.Request) (*http.Response, error) {
				_, _ = io.Copy(io.Discard, r.Body)
				body := whole
				if requests++; requests == 1 {
					body = tt.first
				}
				return &http.Response{StatusCode: 200, ContentLength: -1, TransferEncoding: tt.encoding, Body: io.NopCloser(strings.NewReader(body))}, nil
			})
			c, err := commbox.New(commbox.APIKey("k"), commbox.WithHTTPClient(&http.Client{Transport: rt}), commbox.WithClock(commboxtest.NewClock()))
			if err != nil {
				t.Fatal(err)
			}
			if err := upload(t.Context(), c); requests != tt.requests || err != nil && !errors.Is(err, commbox.ErrInvalidResponse) || (err == nil) != (requests == 2) {
				t.Errorf("%d requests, error %v", requests, err)
			}
		})
	}
}

// TestAnswersWithoutContent: a 204 and a 205 have none, whatever type they claim.
// The error says that the document has no such answer, not that it is no JSON.
func TestAnswersWithoutContent(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{200: "not JSON", 204: "the document has no answer 204", 205: "the document has no answer 205"} {
		rt := roundTripper(func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: http.NoBody}, nil
		})
		c, err := commbox.New(commbox.APIKey("k"), commbox.WithHTTPClient(&http.Client{Transport: rt}))
		if err != nil {
			t.Fatal(err)
		}
		if err := post(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: error %v", status, err)
		}
	}
}

// TestAnswerBeforeTheBody: a 200 to the header alone is no success.
func TestAnswerBeforeTheBody(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"status":"200","data":[{"id":"1"}]}`))
	}))
	defer s.Close()
	c, err := commbox.New(commbox.APIKey("key"), commbox.WithBaseURL(s.URL), commbox.WithRetry(commbox.NoRetry()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", append([]byte("%PDF"), make([]byte, 30<<20)...)))
	var e *commbox.Error
	if !errors.As(err, &e) || !errors.Is(err, commbox.ErrInvalidResponse) || e.StatusCode != 200 || !e.MaybeDelivered {
		t.Errorf("error %#v", err)
	}
}
