package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestContenders proves that every contender does the work it is measured for: the server has its file, byte for byte.
func TestContenders(t *testing.T) {
	var mu sync.Mutex
	var received [][sha256.Size]byte
	s, err := newServer(func(_ string, sum [sha256.Size]byte) {
		mu.Lock()
		defer mu.Unlock()
		received = append(received, sum)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.http.Close() })
	dir := t.TempDir()
	// The system's roots are read once per process, and nothing before this test needs them.
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, s.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", ca)

	for _, c := range contenders() {
		for _, url := range []string{s.TLS, s.Plain} {
			t.Run(c.Name+" "+url[:5], func(t *testing.T) {
				data := make([]byte, 10*kib)
				rand.Read(data)
				path := filepath.Join(dir, "offer.pdf")
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				received = nil
				mu.Unlock()
				up, err := c.start(target{URL: url, Parallel: 1})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				defer cancel()
				for range 2 { // the second one on the kept connection
					if err := up(ctx, path); err != nil {
						t.Fatal(err)
					}
				}
				want := sha256.Sum256(data)
				mu.Lock()
				defer mu.Unlock()
				if len(received) != 2 || received[0] != want || received[1] != want {
					t.Errorf("the server has %d files %x, want 2 of %x", len(received), received, want)
				}
			})
		}
	}
}
