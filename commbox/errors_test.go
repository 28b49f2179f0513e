package commbox_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/google/go-cmp/cmp"
)

// TestKindsOfStatuses: what is tried again is of a kind that says so.
func TestKindsOfStatuses(t *testing.T) {
	t.Parallel()
	for status := 400; status < 600; status++ {
		err := &commbox.Error{StatusCode: status}
		if _, again := commbox.RetryLater(err); again && errors.Is(err, commbox.ErrBadRequest) {
			t.Errorf("%d is tried again, and errors.go calls it a request that no repetition changes", status)
		}
	}
}

func TestRetryLater(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault commboxtest.Fault
		after time.Duration
		again bool
	}{
		"429":     {commboxtest.Status(429, commboxtest.Header("Retry-After", "600")), 10 * time.Minute, true},
		"503":     {commboxtest.Status(503, commboxtest.Header("Retry-After", "5")), 5 * time.Second, true},
		"500":     {commboxtest.Status(500), 0, true},
		"refused": {commboxtest.Refuse(), 0, true},
		"reset":   {commboxtest.Reset(1), 0, true},
		"400":     {commboxtest.Status(400), 0, false},
		"401":     {commboxtest.Status(401), 0, false},
		"404":     {commboxtest.Status(404), 0, false},
		"no ID":   {commboxtest.Answer(200, "application/json", `{"status":"200"}`), 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			s.Fail(test.fault.Forever())
			c, _ := fakeClient(s)
			after, again := commbox.RetryLater(upload(t.Context(), c))
			if after != test.after || again != test.again {
				t.Errorf("%v, %v; want %v, %v", after, again, test.after, test.again)
			}
		})
	}
	throttled := commboxtest.New(t)
	throttled.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "600")))
	c := throttled.Client()
	_ = upload(t.Context(), c)
	hurried, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	if after, again := commbox.RetryLater(upload(hurried, c)); !again || after < time.Minute || after > 2*time.Minute {
		t.Errorf("a call that was not sent because of another's 429: %v, %v", after, again)
	}
	if _, again := commbox.RetryLater(nil); again {
		t.Error("nil is worth another try")
	}
	s := commboxtest.New(t)
	if _, err := s.Client().UploadMedia(t.Context(), "..", smallPDF()); err != nil {
		if _, again := commbox.RetryLater(err); again {
			t.Error("unusable input is worth another try")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, again := commbox.RetryLater(upload(ctx, s.Client())); !again {
		t.Error("a cancelled call is not worth another try")
	}
}

// TestLastAnswerSurvivesLaterSilence: the attempts after an answer got none.
func TestLastAnswerSurvivesLaterSilence(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(503, commboxtest.Header("X-Trace", "7")), commboxtest.Refuse().Forever())
	c, _ := fakeClient(s)
	err := upload(t.Context(), c)
	var e *commbox.Error
	if !errors.As(err, &e) || e.StatusCode != 503 || e.Header.Get("X-Trace") != "7" || e.Attempts != 4 ||
		!errors.Is(err, commbox.ErrServer) || !errors.Is(err, syscall.ECONNREFUSED) || !e.MaybeDelivered {
		t.Fatalf("error %#v", err)
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
		"200 with true as ID":      {commboxtest.Answer(200, json, `{"status":"200","data":[{"id":true}]}`), 200, commbox.ErrInvalidResponse, commbox.Error{Status: "200"}},
		"200 with \"false\" as ID": {commboxtest.Answer(200, json, `{"status":"200","data":[{"id":"false"}]}`), 200, commbox.ErrInvalidResponse, commbox.Error{Status: "200"}},
		"200 with a newline as ID": {commboxtest.Answer(200, json, `{"status":"200","data":[{"id":"1\n2"}]}`), 200, commbox.ErrInvalidResponse, commbox.Error{Status: "200"}},
		"200 that says \" 404 \"":  {commboxtest.Answer(200, json, `{"status":" 404 "}`), 404, commbox.ErrNotFound, commbox.Error{Status: " 404 "}},
		"200 with data as object":  {commboxtest.Answer(200, json, `{"status":"200","data":{"id":"1"}}`), 200, commbox.ErrInvalidResponse, commbox.Error{Status: "200"}},
		"200 that is a list":       {commboxtest.Answer(200, json, `[]`), 200, commbox.ErrInvalidResponse, commbox.Error{}},
		"200 that is HTML":         {commboxtest.Answer(200, "text/html", `<html>Sign in to the Wi-Fi</html>`), 200, commbox.ErrInvalidResponse, commbox.Error{}},
		"200 that is empty":        {commboxtest.Answer(200, "", ""), 200, commbox.ErrInvalidResponse, commbox.Error{}},
		"204":                      {commboxtest.Status(204, commboxtest.Empty()), 204, commbox.ErrInvalidResponse, commbox.Error{}},
		"200 beyond the limit":     {commboxtest.Answer(200, json, `{"status":"200","x":"`+strings.Repeat("x", 1<<20)+`"}`), 200, commbox.ErrInvalidResponse, commbox.Error{}},
		"500 beyond the limit":     {commboxtest.Answer(500, json, `{"status":"500","x":"`+strings.Repeat("x", 1<<20)+`"}`), 500, commbox.ErrServer, commbox.Error{}},
		"a redirect without place": {commboxtest.Status(302), 302, commbox.ErrInvalidResponse, commbox.Error{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
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
			for _, other := range []error{commbox.ErrBadRequest, commbox.ErrUnauthorized, commbox.ErrNotFound, commbox.ErrRateLimited, commbox.ErrServer, commbox.ErrInvalidResponse, commbox.ErrInvalidInput, commbox.ErrNotReplayable, commbox.ErrKeyUnavailable, commbox.ErrConnection} {
				if errors.Is(err, other) != errors.Is(test.is, other) {
					t.Errorf("errors.Is(%v) is %v", other, !errors.Is(test.is, other))
				}
			}
		})
	}
}

// TestErrorMadeByHand, as in the tests of callers, is of the kind of its status.
func TestErrorMadeByHand(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]error{401: commbox.ErrUnauthorized, 404: commbox.ErrNotFound, 408: commbox.ErrServer, 429: commbox.ErrRateLimited} {
		err := error(&commbox.Error{StatusCode: status})
		if _, again := commbox.RetryLater(err); !errors.Is(err, kind) || errors.Is(err, commbox.ErrBadRequest) || again != (status == 408 || status == 429) {
			t.Errorf("%d: %v, %v", status, err, again)
		}
	}
	if _, again := commbox.RetryLater(&commbox.Error{Err: commbox.ErrConnection}); !again {
		t.Error("a lost connection that a test made by hand is not worth another try")
	}
	if err := error(&commbox.Error{}); errors.Is(err, commbox.ErrConnection) || errors.Is(err, nil) {
		t.Errorf("an empty Error is of a kind")
	}
}
