package added_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/gen"
	openapi_types "github.com/oapi-codegen/runtime/types"
)

const applicationJSON = "application/json"

// isError returns err as the *Error that it has to be.
func isError(t *testing.T, err error, status int, kind error) *commbox.Error {
	t.Helper()
	var e *commbox.Error
	if !errors.As(err, &e) || e.StatusCode != status || kind != nil && !errors.Is(err, kind) {
		t.Fatalf("error %v, want an *Error of status %d that is %v", err, status, kind)
	}
	return e
}

// TestAddedServed: commboxtest serves each operation from its page.
func TestAddedServed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	api, ctx := quick(s).API(), t.Context()

	dossiers, err := api.GetDossiersOfAStreamWithResponse(ctx, "abc", &gen.GetDossiersOfAStreamParams{Limit: 1})
	if err != nil || len(dossiers.JSON200.Data) != 1 || dossiers.JSON200.Data[0].Subject != "Order 4711" || dossiers.JSON200.Data[0].Created.IsZero() {
		t.Errorf("a list in an envelope: %s, %v", dossiers.Body, err)
	}
	message, err := api.SendAnAnnouncementWithResponse(ctx, "abc", gen.Announcement{Recipients: []string{}})
	if err != nil || message.JSON200.Status != "200" || message.JSON200.Data.MessageID == 0 {
		t.Errorf("a message: %s, %v", message.Body, err)
	}
	var offer openapi_types.File
	offer.InitFromBytes([]byte("%PDF-1.7"), "offer.pdf")
	s.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "0"))) // so that it is sent again
	attachment, err := api.AddDossierAttachmentWithMultipartBodyWithResponse(ctx, 1, nil, gen.AddDossierAttachmentMultipartRequestBody{Attachment: offer})
	if err != nil || attachment.JSON201 == nil || attachment.JSON201.Data[0].Filename != "offer.pdf" {
		t.Errorf("an attachment: %s, %v", attachment.Body, err)
	}
	if uploads := s.Uploads(); len(uploads) != 1 || uploads[0].FileName != "offer.pdf" || uploads[0].ContentType != "application/pdf" || uploads[0].Size != 8 {
		t.Errorf("uploads %+v", uploads)
	}
	deleted, err := api.DeleteAVisitorWithResponse(ctx, 1)
	if err != nil || deleted.StatusCode() != 204 || len(deleted.Body) != 0 {
		t.Errorf("204: %+v, %v", deleted, err)
	}
	visitor, err := api.GetAVisitorWithResponse(ctx, 1)
	if err != nil || visitor.JSON200.Data.Name != "דנה כהן" || *visitor.JSON200.Data.Score != 0 {
		t.Errorf("a visitor: %s, %v", visitor.Body, err)
	}
	tags, err := api.GetAllBadgesWithResponse(ctx)
	if err != nil || len(*tags.JSON200) != 1 || (*tags.JSON200)[0].Name != "vip" {
		t.Errorf("a bare list: %s, %v", tags.Body, err)
	}
	transcript, err := api.GetDossierTranscriptWithResponse(ctx, 1)
	if err != nil || string(transcript.Body) != "{customer}: Shalom\n{agent}: Hello\n" {
		t.Errorf("a text: %q, %v", transcript.Body, err)
	}
	report, err := api.GetAlmanacWithResponse(ctx, openapi_types.Date{Time: time.Now()})
	if err != nil || report.StatusCode() != 200 || report.ContentType() != "application/pdf" {
		t.Errorf("a PDF: %+v, %v", report, err)
	}
}

// TestAddedDecoded: answers as CommBox gives them, not as it documents them.
func TestAddedDecoded(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	api, ctx := quick(s).API(), t.Context()
	for _, envelope := range []string{`"status":"200"`, `"status":200`} {
		s.Fail(commboxtest.Answer(200, "text/plain", "\xef\xbb\xbf{"+envelope+`,"response_time":"2024-08-06T07:51:52.2581942","data":[
			{"id":9007199254740993,"curator_id":-9007199254740993,"state":"new","created":"2025-02-06T07:51:52.2581942","subject":"","parent":{"id":1}}]}`))
		dossiers, err := api.GetDossiersOfAStreamWithResponse(ctx, "abc", &gen.GetDossiersOfAStreamParams{})
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2025, 2, 6, 7, 51, 52, 258194200, time.UTC)
		o := dossiers.JSON200.Data[0]
		if dossiers.JSON200.Status != "200" || o.ID != large || o.CuratorID != -large || !o.Created.Equal(at) || o.State.Valid() || o.Parent.ID != 1 {
			t.Errorf("%s: %+v", dossiers.Body, dossiers.JSON200)
		}
	}
	// An absent time, and one that is none.
	for _, created := range []string{``, `,"created":null`, `,"created":"yesterday"`, `,"created":""`} {
		s.Fail(commboxtest.Answer(200, applicationJSON, `{"status":200,"data":[{"id":1,"subject":"x"`+created+`}]}`))
		dossiers, err := api.GetDossiersOfAStreamWithResponse(ctx, "abc", &gen.GetDossiersOfAStreamParams{})
		if err != nil || !dossiers.JSON200.Data[0].Created.IsZero() {
			t.Errorf("%s: %v", created, err)
		}
	}
}

// TestAddedAnswersWithoutEnvelope: a content type that promises JSON with nothing
// behind it, texts that look like JSON, files.
func TestAddedAnswersWithoutEnvelope(t *testing.T) {
	t.Parallel()
	pdf := "%PDF-1.7\n" + strings.Repeat("\x00\xff{", 100_000)
	remove := func(ctx context.Context, api *gen.ClientWithResponses) ([]byte, error) {
		a, err := api.DeleteAVisitorWithResponse(ctx, 1)
		if err != nil {
			return nil, err
		}
		return a.Body, nil
	}
	text := func(ctx context.Context, api *gen.ClientWithResponses) ([]byte, error) {
		a, err := api.GetDossierTranscriptWithResponse(ctx, 1)
		if err != nil {
			return nil, err
		}
		return a.Body, nil
	}
	report := func(ctx context.Context, api *gen.ClientWithResponses) ([]byte, error) {
		a, err := api.GetAlmanacWithResponse(ctx, openapi_types.Date{})
		if err != nil {
			return nil, err
		}
		return a.Body, nil
	}
	tests := map[string]struct {
		call              func(context.Context, *gen.ClientWithResponses) ([]byte, error)
		status            int
		contentType, body string
	}{
		"204":            {remove, 204, "", ""},
		"a template":     {text, 200, "text/plain; charset=utf-8", "{{1}}, your order {{2}} is here"},
		"a number":       {text, 200, "text/plain", "4711"},
		"a line":         {text, 200, "text/plain", "[07:51] Dana: hello"},
		"no text":        {text, 200, "text/plain", ""},
		"a PDF":          {report, 200, "application/pdf", pdf},
		"an untyped PDF": {report, 200, "application/octet-stream", pdf},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(commboxtest.Answer(test.status, test.contentType, test.body))
			body, err := test.call(t.Context(), quick(s).API())
			if err != nil || string(body) != test.body {
				t.Errorf("%.100q, error %v", body, err)
			}
		})
	}
	t.Run("a PDF beyond the bound", func(t *testing.T) {
		t.Parallel()
		for _, contentType := range []string{"application/pdf", applicationJSON} {
			s := newServer(t)
			s.Fail(commboxtest.Answer(200, contentType, pdf))
			_, err := report(t.Context(), quick(s, commbox.WithMaxResponseBytes(int64(len(pdf)-1))).API())
			if e := isError(t, err, 200, commbox.ErrInvalidResponse); e.Attempts != 1 || len(e.Body) > 4<<10 {
				t.Errorf("%d attempts, %d bytes kept", e.Attempts, len(e.Body))
			}
		}
	})
}

// typed gives every answer a content type, which net/http's server takes from
// a 204.
type typed struct{ http.RoundTripper }

func (r typed) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Header.Set("Content-Type", applicationJSON)
	}
	return resp, err
}

// TestAddedNoContent: a 204 has none, whatever its header says.
func TestAddedNoContent(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	client := quick(s, commbox.WithHTTPClient(&http.Client{Transport: typed{s.HTTPClient().Transport}}))
	if deleted, err := client.API().DeleteAVisitorWithResponse(t.Context(), 1); err != nil || deleted.StatusCode() != 204 {
		t.Errorf("%+v, error %v", deleted, err)
	}
	if len(s.Requests()) != 1 {
		t.Errorf("%d requests", len(s.Requests()))
	}
}

// TestAddedErrors: what a refusal says is in the *Error, whatever it looks like.
func TestAddedErrors(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	api, ctx := quick(s, commbox.WithRetry(commbox.NoRetry())).API(), t.Context()
	get := func() error { _, err := api.GetAVisitorWithResponse(ctx, 1); return err }
	post := func() error {
		_, err := api.SendAnAnnouncementWithResponse(ctx, "abc", gen.Announcement{Recipients: []string{}})
		return err
	}

	s.Fail(commboxtest.Answer(400, applicationJSON, `{"status":"400","description":"Missing parameter templateName","response_time":"2024-08-06T07:51:52.2581942",
		"data":[{"recipient":"9725551234","status":400,"failed":"Missing required parameter"}]}`))
	e := isError(t, post(), 400, commbox.ErrBadRequest)
	want := commbox.Failure{Recipient: "9725551234", Status: "400", Reason: "Missing required parameter"}
	if e.Description != "Missing parameter templateName" || e.ResponseTime.IsZero() || len(e.Failures) != 1 || e.Failures[0] != want || !strings.HasPrefix(e.Op, "POST /whatsapp/") {
		t.Errorf("%+v", e)
	}
	s.Fail(commboxtest.Status(404), commboxtest.Status(401), commboxtest.Status(501), commboxtest.Status(502))
	isError(t, get(), 404, commbox.ErrNotFound)
	isError(t, get(), 401, commbox.ErrUnauthorized)
	isError(t, post(), 501, commbox.ErrServer)
	if e := isError(t, post(), 502, commbox.ErrServer); !e.MaybeDelivered {
		t.Error("a lost message is not called so")
	}
	s.Fail(commboxtest.Answer(200, applicationJSON, `{"status":"404","description":"Not Found"}`))
	if e := isError(t, get(), 404, commbox.ErrNotFound); e.Description != "Not Found" {
		t.Errorf("%+v", e)
	}
	s.Fail(commboxtest.Status(307, commboxtest.Header("Location", "http://127.0.0.1:1/")))
	isError(t, get(), 307, nil)
	s.Fail(commboxtest.Answer(200, "text/html", "<html>Sign in</html>"))
	isError(t, get(), 200, commbox.ErrInvalidResponse)
}
