package commboxtest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestExpect(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault  []commboxtest.Fault
		status int
		slow   bool // the client had to stop waiting by itself
	}{
		"continue":           {nil, 200, false},
		"ignored":            {[]commboxtest.Fault{commboxtest.ContinueIgnored()}, 200, true},
		"failed":             {[]commboxtest.Fault{commboxtest.ExpectationFailed()}, 417, false},
		"status after a 100": {[]commboxtest.Fault{commboxtest.Status(500)}, 500, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				for _, chunked := range []bool{false, true} {
					s.Fail(tt.fault...)
					expectUpload(t, s, tt.status, tt.slow, chunked)
				}
			})
		})
	}
	t.Run("always ignored", func(t *testing.T) {
		t.Parallel()
		each(t, func(t *testing.T, s *commboxtest.Server) {
			s.Fail(commboxtest.Status(500))
			expectUpload(t, s, 500, true, false)
			expectUpload(t, s, 200, true, true)
		}, commboxtest.WithContinueIgnored())
	})
}

func expectUpload(t *testing.T, s *commboxtest.Server, status int, slow, chunked bool) {
	t.Helper()
	r := uploadRequest(t, s, "x", random(300_000))
	r.Header.Set("Expect", "100-continue")
	if chunked {
		r.ContentLength = -1
	}
	const patience = 300 * time.Millisecond
	c := stranger(t, s)
	c.Transport.(*http.Transport).ExpectContinueTimeout = patience
	began := time.Now()
	a := mustDo(t, c, r)
	if a.StatusCode != status {
		t.Errorf("answer: %s, want %d", a.Status, status)
	}
	if d := time.Since(began); slow && d < patience {
		t.Errorf("took %v, less than the client's patience", d)
	}
	all := s.Uploads()
	if status == 200 && (len(all) == 0 || all[len(all)-1].SHA256 != hash(random(300_000))) {
		t.Errorf("uploads: %+v", all)
	}
}
