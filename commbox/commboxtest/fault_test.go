package commboxtest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func stranger(t *testing.T, s *commboxtest.Server) *http.Client {
	t.Helper()
	tr := http.DefaultTransport.(*http.Transport).Clone()
	tr.TLSClientConfig = clientTLS(s)
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault       commboxtest.Fault
		status      int
		contentType string
		body        string // a part of it
		header      [2]string
	}{
		"from the document":     {fault: commboxtest.Status(500), status: 500, contentType: "application/json", body: `"Internal Server Error"`},
		"with a header":         {fault: commboxtest.Status(429, commboxtest.Header("Retry-After", "7"), commboxtest.Body("application/json", "429")), status: 429, contentType: "application/json", body: `429`, header: [2]string{"Retry-After", "7"}},
		"not in the document":   {fault: commboxtest.Status(511), status: 511, contentType: "text/html", body: "<h1>511 Network Authentication Required</h1>"},
		"empty":                 {fault: commboxtest.Status(500, commboxtest.Empty()), status: 500},
		"with a body":           {fault: commboxtest.Status(502, commboxtest.Body("text/plain", "upstream gone")), status: 502, contentType: "text/plain", body: "upstream gone"},
		"answer":                {fault: commboxtest.Answer(200, "application/json", `{"status":"400"}`), status: 200, contentType: "application/json", body: `{"status":"400"}`},
		"answer, lying":         {fault: commboxtest.Answer(401, "image/png", `{"status":401}`), status: 401, contentType: "image/png", body: `{"status":401}`},
		"expectation not asked": {fault: commboxtest.ExpectationFailed(), status: 200, contentType: "application/json", body: "offer.pdf"},
		"continue not asked":    {fault: commboxtest.ContinueIgnored(), status: 200, contentType: "application/json", body: "offer.pdf"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				if name == "from the document" && !shows(s, tt.status) {
					t.Skip("it shows none")
				}
				s.Fail(tt.fault)
				r := uploadRequest(t, s, "x", random(2000))
				length := r.ContentLength
				a := mustDo(t, s.HTTPClient(), r)
				if a.StatusCode != tt.status || a.Header.Get("Content-Type") != tt.contentType || !strings.Contains(string(a.body), tt.body) {
					t.Errorf("answer: %s, %q, %q", a.Status, a.Header.Get("Content-Type"), a.body)
				}
				if tt.header[0] != "" && a.Header.Get(tt.header[0]) != tt.header[1] {
					t.Errorf("header: %v", a.Header)
				}
				if tt.body == "" && len(a.body) > 0 {
					t.Errorf("body: %q", a.body)
				}
				log := s.Requests()[0]
				if log.FileName != "offer.pdf" {
					t.Errorf("the log says that the file was %q", log.FileName)
				}
				if log.Status != tt.status || log.BodyBytes != length || log.Fault != tt.fault.String() {
					t.Errorf("log: %+v", log)
				}
				if stored := len(s.Uploads()); (tt.body == "offer.pdf") != (stored == 1) {
					t.Errorf("%d uploads stored", stored)
				}
				noViolations(t, s)
			})
		})
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ after, size, read int64 }{
		"at the header":   {0, 100_000, 0},
		"in the middle":   {70_001, 1_000_000, 70_001},
		"after the end":   {1 << 40, 1000, -1},
		"at the last one": {1000, 1000, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(commboxtest.Reset(tt.after))
				r := uploadRequest(t, s, "x", random(int(tt.size)))
				length := r.ContentLength
				_, err := do(s.HTTPClient(), r)
				// What it says depends on what net/http was doing; TestResetOnTheWire looks closer.
				if err == nil {
					t.Error("no error")
				}
				want := tt.read
				if want < 0 {
					want = length
				}
				if log := s.Requests()[0]; log.BodyBytes != want || log.Status != 0 {
					t.Errorf("log: %+v, want %d bytes read", log, want)
				}
				if n := len(s.Uploads()); n != 0 {
					t.Errorf("%d uploads stored", n)
				}
				a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(int(tt.size))))
				if a.StatusCode != 200 || s.Uploads()[0].Attempt != 2 {
					t.Errorf("second attempt: %s, %+v", a.Status, s.Uploads())
				}
				noViolations(t, s)
			})
		})
	}
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	whole := `{"data":[{"filename":"offer.pdf","id":"`
	for name, tt := range map[string]struct {
		fault commboxtest.Fault
		body  string // what arrives of the answer
	}{
		"cut":              {commboxtest.Cut(10), whole[:10]},
		"cut to nothing":   {commboxtest.Cut(0), ""},
		"cut after all":    {commboxtest.Cut(1 << 20), whole},
		"lost":             {commboxtest.LostAnswer(), ""},
		"cut status":       {commboxtest.Status(429, commboxtest.CutAfter(3), commboxtest.Body("text/plain", "wait")), "wai"},
		"cut empty status": {commboxtest.Status(500, commboxtest.Empty(), commboxtest.CutAfter(3)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(tt.fault)
				a, err := do(s.HTTPClient(), uploadRequest(t, s, "x", random(1000)))
				status := s.Requests()[0].Status
				switch name {
				case "lost":
					if err == nil || status != 0 {
						t.Errorf("status %d, %v", status, err)
					}
				case "cut empty status":
					if err != nil || a.bodyErr != nil || len(a.body) != 0 {
						t.Errorf("%+v %v", a, err)
					}
				default:
					if err != nil || !errors.Is(a.bodyErr, io.ErrUnexpectedEOF) || int64(len(a.body)) >= a.ContentLength || !strings.HasPrefix(string(a.body), tt.body) {
						t.Errorf("%+v %v", a, err)
					}
				}
				stored := len(s.Uploads()) == 1
				if want := status == 200 || status == 0; stored != want {
					t.Errorf("stored: %v, status %d", stored, status)
				}
				if a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(1000))); a.StatusCode != 200 {
					t.Error(a.Status)
				}
				all := s.Uploads()
				if last := all[len(all)-1]; last.Attempt != 2 || stored && last.ID == all[0].ID {
					t.Errorf("uploads: %+v", all)
				}
				noViolations(t, s)
			})
		})
	}
}
