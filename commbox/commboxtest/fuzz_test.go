package commboxtest_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// Whatever comes, it is answered, and what is refused is told.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "whatsapp/uploadmedia/abc%3d%3d", formType, []byte(photos("Content-Disposition: form-data; name=\"pic\"; filename=\"a\"\r\nContent-Type: a/b\r\n\r\nx")))
	f.Add("POST", "contacts", "application/json", []byte(contact+`,"phones":["123",4]}`))
	f.Add("POST", "contacts/7/photos", formType, []byte(photos(jpeg, caption+"x", place+`{"lat":1}`)))
	f.Add("GET", "contacts?status=active&limit=5&tag=ab", "", []byte(nil))
	f.Add("PUT", "blobs/%2e%2e.bin", "application/octet-stream", []byte("x"))
	f.Add("PUT", "contacts/7", "application/x-www-form-urlencoded", []byte("name=a&name=b"))
	f.Add("", "? ", "0", []byte("0")) // is no HTTP
	data, err := os.ReadFile("testdata/contacts.json")
	if err != nil {
		f.Fatal(err)
	}
	servers := []*commboxtest.Server{commboxtest.NewServer(), commboxtest.NewServer(commboxtest.WithDocument(data))}
	for _, s := range servers {
		f.Cleanup(s.Close)
	}
	f.Fuzz(func(t *testing.T, method, path, contentType string, body []byte) {
		for _, s := range servers {
			r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/"+path, bytes.NewReader(body))
			if err != nil || method == http.MethodHead {
				return
			}
			if u, err := url.Parse(s.URL); err != nil || r.URL.Host != u.Host {
				return
			}
			r.Header.Set("Authorization", "Bearer "+s.Key())
			r.Header["Content-Type"] = []string{contentType}
			if strings.ContainsFunc(contentType, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
				return
			}
			answer := mustDo(t, s.HTTPClient(), r)
			sentences := s.Violations()
			s.Forget()
			switch answer.StatusCode {
			case 200, 201, 202, 204, 401:
				if len(sentences) > 0 && answer.StatusCode != 401 {
					t.Errorf("%s, though: %q", answer.Status, sentences)
				}
			case 400, 404, 405:
				// net/http has its own 400 for what is no HTTP.
				if len(sentences) == 0 && !answer.Close {
					t.Errorf("%s, and no word why", answer.Status)
				}
			default:
				t.Errorf("answer: %s", answer.Status)
			}
			for _, sentence := range sentences {
				if strings.Contains(sentence, "commboxtest itself") || strings.Contains(sentence, "\n") {
					t.Errorf("violation: %q", sentence)
				}
			}
		}
	})
}
