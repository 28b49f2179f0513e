package commboxtest_test

import (
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// quick retries without waiting.
func quick() commbox.Option {
	return commbox.WithRetry(commbox.RetryPolicy{MaxAttempts: 4, BaseDelay: time.Millisecond, MaxDelay: time.Millisecond})
}

func TestClient(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		c := s.Client(quick())
		s.Fail(commboxtest.Status(503), commboxtest.Refuse(), commboxtest.Cut(20))
		content := random(100_000)
		m, err := c.UploadMedia(t.Context(), "abc%3d%3d", commbox.FromBytes("דוח \"סופי\".pdf", content))
		if err != nil {
			t.Fatal(err)
		}
		all := s.Uploads()
		last := all[len(all)-1]
		if len(all) != 2 || m.ID != last.ID || m.Attempts != 4 || last.Attempt != 4 || last.StreamID != "abc==" ||
			last.FileName != "דוח \"סופי\".pdf" || last.SHA256 != hash(content) {
			t.Errorf("media %+v, uploads %+v", m, all)
		}
		noViolations(t, s)
	})
}
