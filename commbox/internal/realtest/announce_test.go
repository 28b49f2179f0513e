package realtest

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// A client that has been served stops announcing its uploads. When refusals begin
// then, every upload still learns the status, from whatever its file is read, as
// long as it can be read again.
func TestRefusalAfterAcceptedUploads(t *testing.T) {
	t.Parallel()
	const size = 8 << 20
	data, _ := content(size, 1)
	path := filepath.Join(t.TempDir(), "offer.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	sources := map[string]func() commbox.File{
		"FromPath":   func() commbox.File { return commbox.FromPath(path) },
		"FromFS":     func() commbox.File { return commbox.FromFS(os.DirFS(filepath.Dir(path)), filepath.Base(path)) },
		"FromBytes":  func() commbox.File { return commbox.FromBytes("offer.pdf", data) },
		"FromReader": func() commbox.File { return commbox.FromReader("offer.pdf", bytes.NewReader(data)) },
		"Spool": func() commbox.File {
			return commbox.Spool(commbox.FromReader("offer.pdf", io.MultiReader(bytes.NewReader(data))), 1<<20)
		},
	}
	clients := 100
	if os.Getenv("COMMBOX_TEST_LONG") == "" {
		clients = 5
	}
	for name, file := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := commboxtest.New(t, commboxtest.WithKey(key))
			small, _ := content(10<<10, 2)
			seen := 0
			for range clients {
				client := newClient(t, server.URL, commbox.WithHTTPClient(server.HTTPClient()))
				for range 10 {
					if _, err := client.UploadMedia(t.Context(), stream, commbox.FromBytes("first.pdf", small)); err != nil {
						t.Fatal(err)
					}
				}
				server.Fail(commboxtest.EarlyAnswer(http.StatusUnauthorized).Forever())
				_, err := client.UploadMedia(t.Context(), stream, file())
				server.Recover()
				if statusOf(err) == "401" {
					seen++
				} else {
					t.Errorf("%v, want status 401", err)
				}
			}
			t.Logf("401 seen by %d of %d", seen, clients)
		})
	}
}
