package realtest

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/commbox-go/client/api"
	"github.com/commbox-go/client/commbox"
)

// prism starts Stoplight Prism, which makes answers of an OpenAPI document, and
// returns its URL.
func prism(t *testing.T, document []byte) string {
	t.Helper()
	p := launch(t, "prism", func(p *process) []string {
		host, port, _ := net.SplitHostPort(p.addr)
		return []string{"mock", "--errors", "--host", host, "--port", port, p.write(t, "openapi.json", string(document))}
	})
	return "http://" + p.addr
}

func TestPrismServesTheUpload(t *testing.T) {
	t.Parallel()
	long(t)
	client := newClient(t, prism(t, api.Document()))
	path := filepath.Join(t.TempDir(), "offer.pdf")
	if err := os.WriteFile(path, []byte("%PDF-1.7"), 0o600); err != nil {
		t.Fatal(err)
	}
	media, err := client.UploadMedia(t.Context(), stream, commbox.FromPath(path))
	if err != nil {
		t.Fatal(err)
	}
	if media.ID != "257250616863050" {
		t.Errorf("media ID %q, want that of the document's example", media.ID)
	}
}
