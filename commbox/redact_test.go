package commbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestKeyIsNowhere looks for the key in everything that a call leaves behind,
// while the server does its best to echo it.
func TestKeyIsNowhere(t *testing.T) {
	t.Parallel()
	const key = `s3cr3t/+k"ey==`
	quoted, _ := json.Marshal(key)
	inJSON := strings.Trim(string(quoted), `"`)
	const jsonType = "application/json"
	echo := fmt.Sprintf(`{"status":"%s","description":"bad key %s","data":[{"recipient":"%s","status":"%s","failed":"%s"}]}`, inJSON, inJSON, inJSON, inJSON, inJSON)
	entities := strings.NewReplacer("+", "&#43;", "/", "&#x2F;", `"`, "&quot;").Replace(key)
	lower := strings.ToLower(url.QueryEscape(key))
	escaped := strings.ReplaceAll(inJSON, "+", `\u002B`)
	double := url.QueryEscape(url.QueryEscape(key))
	inJSONInJSON, _ := json.Marshal(strings.ReplaceAll(inJSON, "/", `\/`))
	nested := strings.Trim(string(inJSONInJSON), `"`)
	faults := map[string]commboxtest.Fault{
		"escaped twice":           commboxtest.Answer(500, "text/html", double, commboxtest.Header("X-Echo", double)),
		"JSON in JSON":            commboxtest.Answer(502, jsonType, `{"answer":"`+nested+`"}`),
		"HTML entities":           commboxtest.Answer(500, "text/html", entities),
		"lower-case escapes":      commboxtest.Answer(500, "text/html", lower, commboxtest.Header("X-Echo", lower)),
		"JSON escapes":            commboxtest.Answer(500, jsonType, `{"x":"`+escaped+`"}`),
		"cut before its end":      commboxtest.Answer(500, "text/plain", "the key "+key[:len(key)-1]),
		"401 that echoes":         commboxtest.Answer(401, jsonType, echo, commboxtest.Header("X-Echo", key), commboxtest.Header("Www-Authenticate", "Bearer "+key)),
		"400 that echoes":         commboxtest.Answer(400, jsonType, strings.ReplaceAll(echo, "/", `\/`)),
		"HTML that echoes":        commboxtest.Answer(500, "text/html", "<p>"+url.QueryEscape(key)+" "+url.PathEscape(key)+"</p>"),
		"200 that echoes":         commboxtest.Answer(200, jsonType, fmt.Sprintf(`{"status":"400","description":"%s"}`, inJSON)),
		"200 without an ID":       commboxtest.Answer(200, jsonType, fmt.Sprintf(`{"status":"200","description":"%s","data":[]}`, inJSON), commboxtest.Header("X-Echo", key)),
		"garbage that echoes":     commboxtest.Answer(200, jsonType, key),
		"a redirect that echoes":  commboxtest.Status(302, commboxtest.Header("Location", "http://127.0.0.1:1/?key="+url.QueryEscape(key))),
		"at the end of the bound": commboxtest.Answer(500, "text/plain", strings.Repeat("x", 4<<10-5)+key),
		"refused":                 commboxtest.Refuse(),
		"reset":                   commboxtest.Reset(1),
		"none":                    commboxtest.Status(503).Times(0),
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t, commboxtest.WithKey(key))
			s.Fail(fault.Forever())
			if name == "none" {
				s.Recover()
			}
			var seen bytes.Buffer
			logger := slog.New(slog.NewJSONHandler(&seen, &slog.HandlerOptions{Level: slog.LevelDebug}))
			file := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			sources := []commbox.KeySource{
				commbox.APIKey(key), commbox.APIKeyFile(file), commbox.KeyFunc(func(context.Context) (string, error) { return key, nil }),
			}
			for _, source := range sources {
				f := commboxtest.NewClock()
				c, err := commbox.New(source, commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.HTTPClient()), commbox.WithLogger(logger),
					commbox.WithObserver(func(a commbox.Attempt) { fmt.Fprintf(&seen, "%v %+v %#v\n", a, a, a) }))
				if err != nil {
					t.Fatal(err)
				}
				c.WithClock(f.Now, f.Sleep, func() float64 { return 0 })
				media, err := c.UploadMedia(t.Context(), "hNyRN_fLUy7rrOrN9jLpipA==", smallPDF())
				resp, apiErr := c.API().UploadMediaWithBodyWithResponse(t.Context(), "hNyRN_fLUy7rrOrN9jLpipA==", "multipart/form-data; boundary=b",
					strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\nx\r\n--b--\r\n"))
				for _, v := range []any{source, c, c.API(), media, err, apiErr} {
					fmt.Fprintf(&seen, "%v %+v %#v %s %q\n", v, v, v, v, v)
				}
				if resp != nil {
					fmt.Fprintf(&seen, "%+v %#v\n", resp.HTTPResponse.Request, resp.HTTPResponse.Body)
				}
				for _, err := range []error{err, apiErr} {
					var e *commbox.Error
					if errors.As(err, &e) {
						fmt.Fprintf(&seen, "%+v %#v %s %s %v %+v\n", *e, *e, e.Body, e.Description, e.Header, e.Failures)
						for err := error(e); err != nil; err = errors.Unwrap(err) {
							fmt.Fprintf(&seen, "%v %+v %#v\n", err, err, err)
						}
					}
				}
			}
			for _, form := range []string{key, inJSON, strings.ReplaceAll(inJSON, "/", `\/`), url.QueryEscape(key), url.PathEscape(key), fmt.Sprintf("%#v", []byte(key))[6:60], entities, lower, escaped, double, nested, key[:len(key)-1]} {
				if strings.Contains(seen.String(), form) {
					i := strings.Index(seen.String(), form)
					t.Errorf("%q is in: %.600s", form, seen.String()[max(0, i-300):])
				}
			}
			if i := strings.Index(seen.String(), `"path":`); i < 0 || strings.Contains(seen.String()[i:], "rrOrN9jLpipA") && strings.Contains(seen.String(), `"path":"/whatsapp/uploadmedia/hNyRN_fL`) {
				t.Errorf("the stream ID is in a log line, or there is none")
			}
		})
	}
}

// TestGarbageThatEchoes: net/http quotes what it cannot parse.
func TestGarbageThatEchoes(t *testing.T) {
	t.Parallel()
	const key = "s3cr3t-key"
	rt := roundTripper(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("malformed HTTP response %q", r.Header.Get("Authorization"))
	})
	c, err := commbox.New(commbox.APIKey(key), commbox.WithHTTPClient(&http.Client{Transport: rt}), commbox.WithRetry(commbox.NoRetry()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.UploadMedia(t.Context(), "abc", smallPDF())
	for e := err; e != nil; e = errors.Unwrap(e) {
		if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, key) {
			t.Error(text)
		}
	}
}
