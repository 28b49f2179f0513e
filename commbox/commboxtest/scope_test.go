package commboxtest_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"syscall"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// Each row is a script, and what becomes of uploads that come one after another.
func TestScopes(t *testing.T) {
	t.Parallel()
	type upload struct {
		stream, file, want string // a status, "refused" or "lost"
	}
	busy := commboxtest.Status(http.StatusServiceUnavailable)
	for name, tt := range map[string]struct {
		script  []commboxtest.Fault
		uploads []upload
		left    int
	}{
		"stream": {
			[]commboxtest.Fault{busy.ForStream("b")},
			[]upload{{"a", "1", "200"}, {"b", "1", "503"}, {"b", "1", "200"}}, 0,
		},
		"stream, however it is written": {
			[]commboxtest.Fault{busy.ForStream("b%3D=").Times(2)},
			[]upload{{"b==", "1", "503"}, {"b%3d%3d", "1", "503"}}, 0,
		},
		"file": {
			[]commboxtest.Fault{busy.ForFile("דוח 2.pdf")},
			[]upload{{"a", "1", "200"}, {"a", "דוח 2.pdf", "503"}, {"a", "דוח 2.pdf", "200"}}, 0,
		},
		"file of a stream": {
			[]commboxtest.Fault{busy.ForFile("1").ForStream("b")},
			[]upload{{"a", "1", "200"}, {"b", "2", "200"}, {"b", "1", "503"}}, 0,
		},
		"file in an outage": {
			[]commboxtest.Fault{busy.ForFile("1").Forever()},
			[]upload{{"a", "1", "503"}, {"a", "2", "200"}, {"b", "1", "503"}}, -1,
		},
		"in order where several are for it": {
			[]commboxtest.Fault{commboxtest.Status(500), busy.ForFile("1"), commboxtest.Status(502)},
			[]upload{{"a", "1", "500"}, {"a", "2", "502"}, {"a", "1", "503"}}, 0,
		},
		"operation": {
			[]commboxtest.Fault{busy.ForOperation("UploadMedia"), busy.ForOperation("Another")},
			[]upload{{"a", "1", "503"}, {"a", "1", "200"}}, 1,
		},
		"refusal of a stream": {
			[]commboxtest.Fault{commboxtest.Refuse().ForStream("b")},
			[]upload{{"a", "1", "200"}, {"b", "1", "refused"}, {"b", "1", "200"}}, 0,
		},
		"refusal of a file":      {[]commboxtest.Fault{commboxtest.Refuse().ForFile("2")}, []upload{{"a", "1", "200"}, {"a", "2", "lost"}, {"a", "2", "200"}}, 0},
		"reset of a file":        {[]commboxtest.Fault{commboxtest.Reset(9000).ForFile("2")}, []upload{{"a", "1", "200"}, {"a", "2", "lost"}, {"a", "2", "200"}}, 0},
		"early answer to a file": {[]commboxtest.Fault{commboxtest.EarlyAnswer(413).ForFile("2")}, []upload{{"a", "1", "200"}, {"a", "2", "413"}, {"a", "2", "200"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(tt.script...)
				content := random(30_000)
				for i, u := range tt.uploads {
					body, formType := form("pic", u.file, "application/pdf", content)
					r := request(t, s, http.MethodPost, uploadPath+u.stream, formType, body)
					r.GetBody = nil // or net/http would try again by itself
					r.Header.Set("Expect", "100-continue")
					if got := outcome(do(s.HTTPClient(), r)); got != u.want {
						t.Errorf("upload %d: %s, want %s", i+1, got, u.want)
					}
				}
				for _, u := range s.Uploads() {
					if u.SHA256 != hash(content) {
						t.Errorf("upload %+v is not what was sent", u)
					}
				}
				if got := s.Pending(); got != tt.left {
					t.Errorf("%d faults left, want %d", got, tt.left)
				}
				noViolations(t, s)
			})
		})
	}
}

func outcome(a *reply, err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case err != nil, errors.Is(a.bodyErr, io.ErrUnexpectedEOF):
		return "lost"
	}
	return strconv.Itoa(a.StatusCode)
}
