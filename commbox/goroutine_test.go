package commbox_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/internal/leaktest"
)

// TestUploadHasNoGoroutineOfItsOwn: while a file is sent, the caller's goroutine
// is the only one, but for those of the transport.
func TestUploadHasNoGoroutineOfItsOwn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "offer.pdf")
	if err := os.WriteFile(path, []byte("%PDF-1.7"+strings.Repeat("x", 2<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]commbox.File{"path": commbox.FromPath(path), "bytes": smallPDF()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var during string
			rt := roundTripper(func(r *http.Request) (*http.Response, error) {
				_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
				during = leaktest.Goroutines(t.Name(), "")
				_, _ = io.Copy(io.Discard, r.Body)
				_ = r.Body.Close()
				return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1,
					Body: io.NopCloser(strings.NewReader(`{"status":"200","data":[{"id":"1"}]}`))}, nil
			})
			c, err := commbox.New(commbox.APIKey("key"), commbox.WithHTTPClient(&http.Client{Transport: rt}))
			if err != nil {
				t.Fatal(err)
			}
			leaktest.Labelled(t.Name(), func() { _, err = c.UploadMedia(t.Context(), "abc", file) })
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(during, " @ 0x") != 1 || !strings.Contains("\n"+during, "\n1 @ 0x") {
				t.Errorf("goroutines while the file is sent:\n%s", during)
			}
		})
	}
}
