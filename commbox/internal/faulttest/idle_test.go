package faulttest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
)

// TestIdleEdge: the client keeps idle connections for 90 s. Uploads that come just when a server closes its own after the
// same time all arrive, whichever of the two is first.
func TestIdleEdge(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a long test: it waits for 90 s")
	}
	const idle, clients = 90 * time.Second, 40
	var arrived atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			arrived.Add(1)
		}
		fmt.Fprint(w, `{"status": 200, "data": [{"id": "257250616863050"}]}`)
	}))
	server.Config.IdleTimeout = idle
	server.Start()
	defer server.Close()
	var running sync.WaitGroup
	for i := range clients {
		running.Go(func() {
			client, err := commbox.New(commbox.APIKey("key"), commbox.WithBaseURL(server.URL))
			if err != nil {
				t.Error(err)
				return
			}
			defer client.CloseIdleConnections()
			size := 10 << 10
			if i%2 == 1 {
				size = 2 << 20
			}
			file := commbox.FromBytes("offer.pdf", append([]byte("%PDF-1.7\n"), make([]byte, size)...))
			for _, pause := range []time.Duration{0, idle + time.Duration(i-clients/2)*time.Millisecond} {
				time.Sleep(pause)
				if _, err := client.UploadMedia(t.Context(), "abc", file); err != nil {
					t.Errorf("after %v: %v", pause, err)
				}
			}
		})
	}
	running.Wait()
	if n := arrived.Load(); n < 2*clients {
		t.Errorf("%d whole uploads arrived, want %d", n, 2*clients)
	}
}
