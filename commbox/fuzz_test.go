package commbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/commbox-go/client/gen"
)

// tripFunc is a transport without a network.
type tripFunc func(*http.Request) (*http.Response, error)

func (f tripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// fuzzKey is a key that must not be found anywhere.
const fuzzKey = "k-0d1e/2f+3a=="

func fuzzClient(t *testing.T, trip tripFunc) *Client {
	t.Helper()
	c, err := New(APIKey(fuzzKey), WithRetry(NoRetry()), WithHTTPClient(&http.Client{Transport: trip}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fuzzAnswer is what a server says to a request whose body it has read.
func fuzzAnswer(r *http.Request, status int, contentType string, body []byte) *http.Response {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	h := make(http.Header)
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: -1, Request: r,
	}
}

const fuzzSuccess = `{"status":"200","data":[{"filename":"x","id":"1"}]}`

// FuzzAnswer has a server answer anything.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		fuzzSuccess, "\xef\xbb\xbf" + fuzzSuccess, `{"status":200,"data":[{"id":257250616863050}]}`, `{"status":"400"}`, `{"status":1e999}`,
		`{"status":"200","data":{"id":"1"}}`, `{"status":[],"data":[[]]}`, `{"data":[{"id":null},{"id":"2"}]}`, `[]`, `null`, `7`, `""`, ``, `{`, `{"a`,
		"<html>" + fuzzKey + "</html>", `{"description":"k-0d1e\/2f+3a==","data":[{"failed":"` + fuzzKey + `"}]}`, strings.Repeat("[", 200), "\x00\xff",
	} {
		f.Add(200, "application/json", []byte(body))
		f.Add(503, "text/html", []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		status = 200 + (status%400+400)%400
		c := fuzzClient(t, func(r *http.Request) (*http.Response, error) { return fuzzAnswer(r, status, contentType, body), nil })
		media, err := c.UploadMedia(t.Context(), "abc", FromBytes("a.pdf", []byte("%PDF")))
		if err == nil {
			if status > 299 || media.ID == "" {
				t.Fatalf("%d %q is a success: %+v", status, body, media)
			}
			return
		}
		var e *Error
		switch {
		case !errors.As(err, &e) || e.Attempts != 1 || len(e.Body) > maxErrorBody:
			t.Fatalf("%#v", err)
		case status > 299 && e.StatusCode != status:
			t.Fatalf("%d became %d: %v", status, e.StatusCode, err)
		case status <= 299 && e.StatusCode != status && (e.StatusCode < 400 || e.StatusCode > 599):
			t.Fatalf("%d became %d: %v", status, e.StatusCode, err)
		case status <= 299 && e.StatusCode == status && !errors.Is(err, ErrInvalidResponse):
			t.Fatalf("%d: %v", status, err)
		}
		for _, shown := range []string{err.Error(), fmt.Sprintf("%+v", *e), string(e.Body)} {
			if strings.Contains(shown, fuzzKey) {
				t.Fatalf("the key is in %q", shown)
			}
		}
		if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Fatalf("not one line: %q", err.Error())
		}
	})
}

// FuzzEnvelope has a server answer with envelopes that are right.
func FuzzEnvelope(f *testing.F) {
	f.Add("257250616863050", "offer.pdf", "Operation successful", uint16(200), true)
	f.Add("0e6f1a2b-5c3d-4e5f-8a9b-0c1d2e3f4a5b", `דוח "סופי".pdf`, "\x00<\u2028>\\", uint16(429), false)
	f.Add("\x03", "0", "0", uint16(200), true)
	f.Fuzz(func(t *testing.T, id, name, description string, status uint16, asNumber bool) {
		var statusValue any = fmt.Sprint(status)
		if asNumber {
			statusValue = status
		}
		envelope := map[string]any{"status": statusValue, "description": description, "data": []any{map[string]any{"filename": name, "id": id}}}
		body, err := json.Marshal(envelope)
		if err != nil {
			t.Skip(err)
		}
		// JSON has a replacement for each byte that is no UTF-8, and so have runes.
		id, name, description = string([]rune(id)), string([]rune(name)), string([]rune(description))

		c := fuzzClient(t, func(r *http.Request) (*http.Response, error) {
			return fuzzAnswer(r, 200, "application/json", body), nil
		})
		media, err := c.UploadMedia(t.Context(), "abc", FromBytes("a.pdf", []byte("%PDF")))
		var e *Error
		switch failed := status >= 400 && status <= 599; {
		case failed || !hasID(gen.UploadedMedia{ID: gen.MediaID(id)}):
			if !errors.As(err, &e) || failed && e.StatusCode != int(status) || !failed && !errors.Is(err, ErrInvalidResponse) {
				t.Fatalf("%s: %v", body, err)
			}
			description = strings.ToValidUTF8(description[:min(len(description), maxErrorText)], "") // no part of a rune
			if !strings.Contains(description, fuzzKey[:4]) && (e.Description != description || e.Status != fmt.Sprint(status)) {
				t.Fatalf("%s became %q, %q", body, e.Status, e.Description)
			}
		case err != nil || media.ID != id || media.Filename != name:
			t.Fatalf("%s became %+v, %v", body, media, err)
		}
	})
}

// FuzzFileName uploads a file of any name, type and content, and reads the form
// as package mime/multipart does.
func FuzzFileName(f *testing.F) {
	for _, name := range []string{
		"offer.pdf", `דוח "סופי".pdf`, `a\b\"c"`, `\`, `"`, `;filename*=UTF-8''x`, "a\tb", " x ", "\xff\xfe.pdf", "../../etc/passwd", "a\r\nb", "💶.pdf", `%22.pdf`,
	} {
		f.Add(name, "", []byte("%PDF-1.7"), true)
		f.Add(name, "application/pdf", bytes.Repeat([]byte("\r\n--"), 50), false)
	}
	f.Fuzz(func(t *testing.T, name, contentType string, content []byte, stream bool) {
		type form struct {
			name, contentType, part string
			content                 []byte
			length, read            int64
		}
		var got *form
		c := fuzzClient(t, func(r *http.Request) (*http.Response, error) {
			all, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			_ = r.Body.Close()
			got = &form{length: r.ContentLength, read: int64(len(all))}
			_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
			if err != nil {
				t.Errorf("content type: %v", err)
			}
			parts := multipart.NewReader(bytes.NewReader(all), params["boundary"])
			part, err := parts.NextRawPart()
			if err != nil {
				t.Fatalf("%q: %v", all[:min(len(all), 1000)], err)
			}
			_, disposition, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
			if err != nil {
				t.Errorf("%q: %v", part.Header, err)
			}
			got.part, got.name, got.contentType = disposition["name"], disposition["filename"], part.Header.Get("Content-Type")
			if got.content, err = io.ReadAll(part); err != nil {
				t.Errorf("content: %v", err)
			}
			if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
				t.Errorf("after the part: %v", err)
			}
			return fuzzAnswer(r, 200, "application/json", []byte(fuzzSuccess)), nil
		})
		file := FromBytes(name, content)
		file.ContentType = contentType
		if stream {
			file.Progress = func(int64, int64) {}
		}
		_, err := c.UploadMedia(t.Context(), "abc", file)
		switch {
		case errors.Is(err, ErrInvalidInput):
			if got != nil {
				t.Fatalf("sent although refused: %v", err)
			}
			if name != "" && len(content) > 0 && !strings.ContainsFunc(name+contentType, unicode.IsControl) && !strings.Contains(err.Error(), "WhatsApp") {
				t.Fatalf("%q of %q: %v", name, contentType, err)
			}
		case err != nil:
			t.Fatal(err)
		case got.part != partName || got.name != name || !bytes.Equal(got.content, content) || got.length != got.read:
			t.Fatalf("%q became %+v", name, got)
		case contentType != "" && got.contentType != strings.Trim(contentType, " \t"):
			t.Fatalf("%q became %q", contentType, got.contentType)
		}
	})
}

// FuzzStreamID addresses a channel of any ID, and reads the path as a server
// does.
func FuzzStreamID(f *testing.F) {
	for _, id := range []string{
		"hNyRN_fLUy7rrOrN9jLpipA%3d%3d", "abc==", "abc%3D%3d", "a/b", "a%2Fb", "a%252Fb", ".", "..", "%2e%2e", "%2E", "...", "../x", "%", "%zz", "",
		"a\nb", "a%0ab", "a b", "a+b", "a?b#c", "a;b", "ש", "%d7%a9", "\xff", "%ff", "{ENCRYPTED_STREAM_ID}", "a//b", "/", "@", ":", "a:b", "\u0085", "\u2028",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, streamID string) {
		id, decodes := url.PathUnescape(streamID)
		usable := decodes == nil && id != "" && id != "." && id != ".." && !strings.ContainsFunc(id, unicode.IsControl)
		req, err := gen.NewUploadMediaRequestWithBody(DefaultBaseURL, streamID, "", nil)
		if !usable {
			if !errors.Is(err, ErrInvalidInput) {
				t.Fatalf("%q: %v", streamID, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", streamID, err)
		}
		if again, err := gen.NewUploadMediaRequestWithBody(DefaultBaseURL, url.PathEscape(id), "", nil); err != nil || again.URL.String() != req.URL.String() {
			t.Fatalf("%q encoded is another resource: %v", id, err)
		}
		const prefix = "/whatsapp/uploadmedia/"
		segment, ok := strings.CutPrefix(req.URL.RequestURI(), prefix)
		if got, err := url.PathUnescape(segment); !ok || err != nil || got != id || strings.ContainsAny(segment, "/?#") {
			t.Fatalf("%q addresses %q", streamID, req.URL)
		}
		if onServer, err := url.ParseRequestURI(req.URL.RequestURI()); err != nil || onServer.Path != prefix+id || onServer.RawQuery != "" {
			t.Fatalf("%q is %+v to a server: %v", streamID, onServer, err)
		}
	})
}
