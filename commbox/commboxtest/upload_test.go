package commboxtest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

const uploadPath = "/whatsapp/uploadmedia/"

// each runs a test against a plain and a TLS server.
func each(t *testing.T, test func(t *testing.T, s *commboxtest.Server), opts ...commboxtest.Option) {
	t.Helper()
	for name, start := range map[string]func(...commboxtest.Option) *commboxtest.Server{
		"plain": commboxtest.NewServer, "TLS": commboxtest.NewTLSServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(opts...)
			defer s.Close()
			test(t, s)
		})
	}
}

// form is a multipart body with one part.
func form(part, fileName, contentType string, content []byte) (body []byte, formType string) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "--frontier\r\nContent-Disposition: form-data; name=%q; filename=\"%s\"\r\nContent-Type: %s\r\n\r\n", part, fileName, contentType)
	b.Write(content)
	b.WriteString("\r\n--frontier--\r\n")
	return b.Bytes(), "multipart/form-data; boundary=frontier"
}

// shows reports whether the document shows an answer of an upload: CommBox's
// whole document has no more than a description of its errors.
func shows(s *commboxtest.Server, status int) bool {
	for _, o := range s.Document().Operations() {
		if strings.HasPrefix(o.Path, uploadPath) {
			return len(o.Responses.Status(status).Value.Content) > 0
		}
	}
	return false
}

// uploadRequest is an upload as the client would send it.
func uploadRequest(t *testing.T, s *commboxtest.Server, stream string, content []byte) *http.Request {
	t.Helper()
	body, formType := form("pic", "offer.pdf", "application/pdf", content)
	return request(t, s, "POST", uploadPath+stream, formType, body)
}

func request(t *testing.T, s *commboxtest.Server, method, path, contentType string, body []byte) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header.Set("Authorization", "Bearer "+s.Key())
	return r
}

// reply is an answer that was read to its end.
type reply struct {
	*http.Response
	body    []byte
	bodyErr error
}

func do(c *http.Client, r *http.Request) (*reply, error) {
	resp, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return &reply{resp, body, err}, nil
}

func mustDo(t *testing.T, c *http.Client, r *http.Request) *reply {
	t.Helper()
	a, err := do(c, r)
	if err != nil {
		t.Fatal(err)
	}
	if a.bodyErr != nil {
		t.Fatalf("body of the answer: %v", a.bodyErr)
	}
	return a
}

// mediaID is the ID in the answer to an upload.
func (a *reply) mediaID(t *testing.T) string {
	t.Helper()
	var envelope struct {
		Data []struct{ ID, Filename string }
	}
	if err := json.Unmarshal(a.body, &envelope); err != nil || len(envelope.Data) != 1 {
		t.Fatalf("answer %d %q: %v", a.StatusCode, a.body, err)
	}
	return envelope.Data[0].ID
}

func random(size int) []byte {
	data := make([]byte, size)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(data)
	return data
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// noViolations is how a test usually ends.
func noViolations(t *testing.T, s *commboxtest.Server) {
	t.Helper()
	if v := s.Violations(); len(v) > 0 {
		t.Errorf("contract broken:\n%s", strings.Join(v, "\n"))
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		content := random(300_000)
		seen := make(map[string]bool)
		for range 3 {
			a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "hNyRN_fLUy7rrOrN9jLpipA%3d%3d", content))
			if a.StatusCode != 200 || a.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("answer: %s %q", a.Status, a.body)
			}
			id := a.mediaID(t)
			if seen[id] {
				t.Errorf("media ID %s was given out twice", id)
			}
			seen[id] = true

			u := s.Uploads()[len(s.Uploads())-1]
			want := commboxtest.Upload{
				FileName: "offer.pdf", ContentType: "application/pdf", Size: 300_000, SHA256: hash(content),
				StreamID: "hNyRN_fLUy7rrOrN9jLpipA==", ID: id, Attempt: 1,
			}
			if u != want {
				t.Errorf("upload:\n got %+v\nwant %+v", u, want)
			}
		}
		r := s.Requests()[0]
		body, _ := form("pic", "offer.pdf", "application/pdf", content)
		if r.Method != "POST" || r.Path != uploadPath+"hNyRN_fLUy7rrOrN9jLpipA%3d%3d" || r.Status != 200 ||
			r.BodyBytes != int64(len(body)) || r.ContentLength != int64(len(body)) || r.Fault != "" || r.ExpectContinue {
			t.Errorf("request: %+v", r)
		}
		if got := r.Header.Get("Authorization"); strings.Contains(got, s.Key()) {
			t.Errorf("the log holds the key: %q", got)
		}
		noViolations(t, s)
	})
}

func TestStreamIDs(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewServer()
	defer s.Close()
	for escaped, want := range map[string]string{
		"abc==": "abc==", "abc%3d%3d": "abc==", "abc%3D=": "abc==", "a%2Fb": "a/b", "a+b": "a+b", "a%2Bb": "a+b",
		"abc%253d": "abc%3d", "%D7%A9": "ש", "a,b": "a,b", "a%20b": "a b", "x.y": "x.y", "%2Fwhatsapp%2Fuploadmedia%2Fy": "/whatsapp/uploadmedia/y",
	} {
		a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, escaped, []byte("x")))
		if a.StatusCode != 200 {
			t.Errorf("%s: %s", escaped, a.Status)
			continue
		}
		all := s.Uploads()
		if got := all[len(all)-1].StreamID; got != want {
			t.Errorf("%s: stream %q, want %q", escaped, got, want)
		}
	}
	noViolations(t, s)
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewServer()
	defer s.Close()
	for sent, want := range map[string]string{
		`offer.pdf`:             `offer.pdf`,
		`דוח \"סופי\".pdf`:      `דוח "סופי".pdf`,
		`a\\b.pdf`:              `a\b.pdf`,
		`dir/offer.pdf`:         `dir/offer.pdf`,
		`semi;colon=1.pdf`:      `semi;colon=1.pdf`,
		`filename*=UTF-8''a`:    `filename*=UTF-8''a`,
		`; filename*=UTF-8''a.`: `; filename*=UTF-8''a.`,
	} {
		body, formType := form("pic", sent, "application/pdf", []byte("x"))
		a := mustDo(t, s.HTTPClient(), request(t, s, "POST", uploadPath+"x", formType, body))
		all := s.Uploads()
		if a.StatusCode != 200 || len(all) == 0 {
			t.Errorf("%s: %s", sent, a.Status)
			continue
		}
		if got := all[len(all)-1].FileName; got != want {
			t.Errorf("%s: name %q, want %q", sent, got, want)
		}
	}
	noViolations(t, s)
}
