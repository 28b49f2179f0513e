package commbox_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/google/go-cmp/cmp"
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
			s := newServer(t)
			s.Fail(commboxtest.Answer(test.code, test.kind, test.body))
			media, err := s.Client(commbox.WithRetry(commbox.NoRetry())).UploadMedia(t.Context(), "abc", smallPDF())
			if err != nil || media.ID != test.id {
				t.Fatalf("media %+v, error %v", media, err)
			}
		})
	}
}

func TestAnswersThatFail(t *testing.T) {
	t.Parallel()
	const json = "application/json"
	at := time.Date(2025, 2, 6, 7, 51, 52, 258194200, time.UTC)
	tests := map[string]struct {
		fault commboxtest.Fault
		code  int
		is    error
		want  commbox.Error // Status, Description, ResponseTime, Failures
	}{
		"401 with a time without zone": {
			commboxtest.Answer(401, json, `{"status":401,"description":"Unauthorized","response_time":"2025-02-06T07:51:52.2581942"}`),
			401, commbox.ErrUnauthorized, commbox.Error{Status: "401", Description: "Unauthorized", ResponseTime: at},
		},
		"400 with failures": {
			commboxtest.Answer(400, json, `{"status":"400","description":"Missing parameter","response_time":"2025-02-06T07:51:52.2581942Z","data":[{"recipient":"9725551234","status":400,"failed":"Missing required parameter"},{"recipient":972,"status":"401"}]}`),
			400, commbox.ErrBadRequest, commbox.Error{Status: "400", Description: "Missing parameter", ResponseTime: at, Failures: []commbox.Failure{
				{Recipient: "9725551234", Status: "400", Reason: "Missing required parameter"}, {Recipient: "972", Status: "401"},
			}},
		},
		"400 with fields of the wrong type": {
			commboxtest.Answer(400, json, `{"status":{},"description":"No","response_time":[],"data":{"recipient":"x"}}`),
			400, commbox.ErrBadRequest, commbox.Error{Description: "No"},
		},
		"404 as text": {
			commboxtest.Answer(404, "text/plain", `{"status":404,"description":"Not Found"}`),
			404, commbox.ErrNotFound, commbox.Error{Status: "404", Description: "Not Found"},
		},
		"502 with HTML":            {commboxtest.Answer(502, "text/html", "<html><h1>502 Bad Gateway</h1></html>"), 502, commbox.ErrServer, commbox.Error{}},
		"502 with HTML as JSON":    {commboxtest.Answer(502, json, "<html><h1>502 Bad Gateway</h1></html>"), 502, commbox.ErrServer, commbox.Error{}},
		"500 with an empty body":   {commboxtest.Status(500, commboxtest.Empty()), 500, commbox.ErrServer, commbox.Error{}},
		"429 with cut JSON":        {commboxtest.Answer(429, json, `{"status":429,"descr`), 429, commbox.ErrRateLimited, commbox.Error{}},
		"503 cut on the way":       {commboxtest.Status(503, commboxtest.CutAfter(5)), 503, commbox.ErrServer, commbox.Error{}},
		"413 of a proxy":           {commboxtest.Answer(413, "text/html", "<html>"), 413, commbox.ErrBadRequest, commbox.Error{}},
		"200 that says \"400\"":    {commboxtest.Answer(200, json, `{"status":"400","description":"No such template"}`), 400, commbox.ErrBadRequest, commbox.Error{Status: "400", Description: "No such template"}},
		"200 that says 401":        {commboxtest.Answer(200, json, `{"status":401}`), 401, commbox.ErrUnauthorized, commbox.Error{Status: "401"}},
		"200 that says 503":        {commboxtest.Answer(200, "text/plain", `{"status":503}`), 503, commbox.ErrServer, commbox.Error{Status: "503"}},
		"200 without an ID":        {commboxtest.Answer(200, json, `{"status":"200","description":"OK","data":[]}`), 200, commbox.ErrInvalidResponse, commbox.Error{Status: "200", Description: "OK"}},
		"200 with an empty ID":     {commboxtest.Answer(200, json, `{"status":"200","data":[{"id":""}]}`), 200, commbox.ErrInvalidResponse, commbox.Error{Status: "200"}},
		"200 with data as object":  {commboxtest.Answer(200, json, `{"status":"200","data":{"id":"1"}}`), 200, commbox.ErrInvalidResponse, commbox.Error{Status: "200"}},
		"200 that is a list":       {commboxtest.Answer(200, json, `[]`), 200, commbox.ErrInvalidResponse, commbox.Error{}},
		"200 that is HTML":         {commboxtest.Answer(200, "text/html", `<html>Sign in to the Wi-Fi</html>`), 200, commbox.ErrInvalidResponse, commbox.Error{}},
		"200 that is empty":        {commboxtest.Answer(200, "", ""), 200, commbox.ErrInvalidResponse, commbox.Error{}},
		"204":                      {commboxtest.Status(204, commboxtest.Empty()), 204, commbox.ErrInvalidResponse, commbox.Error{}},
		"200 beyond the limit":     {commboxtest.Answer(200, json, `{"status":"200","x":"`+strings.Repeat("x", 1<<20)+`"}`), 200, commbox.ErrInvalidResponse, commbox.Error{}},
		"500 beyond the limit":     {commboxtest.Answer(500, json, `{"status":"500","x":"`+strings.Repeat("x", 1<<20)+`"}`), 500, commbox.ErrServer, commbox.Error{}},
		"a redirect without place": {commboxtest.Status(302), 302, nil, commbox.Error{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(test.fault)
			_, err := s.Client(commbox.WithRetry(commbox.NoRetry())).UploadMedia(t.Context(), "abc", smallPDF())
			var e *commbox.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if e.StatusCode != test.code || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("status %d, want %d; %v", e.StatusCode, test.code, err)
			}
			got := commbox.Error{Status: e.Status, Description: e.Description, ResponseTime: e.ResponseTime, Failures: e.Failures}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(commbox.Error{})); diff != "" {
				t.Errorf("envelope (-want +got):\n%s", diff)
			}
			if e.Header.Get("Date") == "" || len(e.Body) > 4<<10 || e.Attempts != 1 || e.BytesSent == 0 || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("header %v, body of %d, %d attempts, %d sent, %v", e.Header, len(e.Body), e.Attempts, e.BytesSent, err)
			}
			for _, other := range []error{commbox.ErrBadRequest, commbox.ErrUnauthorized, commbox.ErrNotFound, commbox.ErrRateLimited, commbox.ErrServer, commbox.ErrInvalidResponse, commbox.ErrInvalidInput, commbox.ErrNotReplayable} {
				if errors.Is(err, other) != errors.Is(test.is, other) {
					t.Errorf("errors.Is(%v) is %v", other, !errors.Is(test.is, other))
				}
			}
		})
	}
}

// TestRedirectsGoNowhere: neither the key nor the file reaches the other host.
func TestRedirectsGoNowhere(t *testing.T) {
	t.Parallel()
	for _, code := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(code), func(t *testing.T) {
			t.Parallel()
			s, other := newServer(t), newServer(t)
			s.Fail(commboxtest.Status(code, commboxtest.Header("Location", other.URL+"/whatsapp/uploadmedia/abc")))
			following := &http.Client{Transport: s.HTTPClient().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
			_, err := s.Client(commbox.WithHTTPClient(following)).UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", make([]byte, 2<<20)))
			var e *commbox.Error
			if !errors.As(err, &e) || e.StatusCode != code || e.Attempts != 1 {
				t.Errorf("error %v", err)
			}
			if n := len(other.Requests()); n != 0 {
				t.Errorf("%d requests to the other host", n)
			}
			if following.CheckRedirect == nil || following.CheckRedirect(nil, nil) != nil {
				t.Error("the caller's http.Client was changed")
			}
		})
	}
}
