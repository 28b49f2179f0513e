package commbox_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// Counters as a Prometheus client keeps them: attempts by status, retries, bytes.
func ExampleWithObserver() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(commboxtest.Status(503), commboxtest.LostAnswer())

	var (
		mu       sync.Mutex // calls are made from many goroutines
		attempts = make(map[string]int)
		retries  int
		sent     int64
	)
	client := server.Client(
		commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond}),
		commbox.WithObserver(func(a commbox.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			attempts[fmt.Sprintf("%s, status %d", a.Op, a.StatusCode)]++
			sent += a.BytesSent
			if a.Again {
				retries++
			}
		}))
	_, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7")))
	fmt.Println(err)
	fmt.Println(attempts) // status 0: no answer
	fmt.Println(retries, "retries")
	fmt.Println("more than the file was sent:", sent > 3*8)
	// Output:
	// <nil>
	// map[upload media, status 0:1 upload media, status 200:1 upload media, status 503:1]
	// 2 retries
	// more than the file was sent: true
}

// The logger gets a debug line for each attempt and a warning for each retry. No
// line contains the key.
func ExampleWithLogger() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(commboxtest.Status(503, commboxtest.Header("Retry-After", "0")))

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "duration" || a.Key == "bytes_sent" {
				return slog.Attr{} // another one in every run
			}
			return a
		},
	}))
	client := server.Client(commbox.WithLogger(logger))
	_, err := client.UploadMedia(context.Background(), "hNyRN_fLUy7rrOrN9jLpipA%3d%3d", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7")))
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// level=WARN msg="commbox: trying again" op="upload media" path=/whatsapp/uploadmedia/hNyR… attempt=1 status=503 wait=0s error="commbox: upload media: 503 Service Unavailable (1 attempt)"
	// level=DEBUG msg="commbox: attempt" op="upload media" path=/whatsapp/uploadmedia/hNyR… attempt=2 status=200
}

// In a company network, the client uses a proxy with a password, and a gateway whose
// certificate is signed by the company's own authority.
func ExampleNewTransport() {
	server := commboxtest.NewTLSServer()
	defer server.Close()
	proxy := newConnectProxy("user", "secret")
	defer proxy.Close()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	authority := filepath.Join(dir, "company-ca.pem")
	_ = os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600)

	certificates, err := os.ReadFile(authority)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(certificates) {
		log.Fatalf("%s has no certificate", authority)
	}
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		log.Fatal(err)
	}
	proxyURL.User = url.UserPassword("user", "secret")

	transport := commbox.NewTransport()
	defer transport.CloseIdleConnections()
	transport.Proxy = http.ProxyURL(proxyURL)
	transport.TLSClientConfig.RootCAs = roots

	client, err := commbox.New(commbox.APIKey(server.Key()),
		commbox.WithBaseURL(server.URL),
		commbox.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		log.Fatal(err)
	}
	media, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(media.ID, "through", proxy.tunnels(), "tunnel")
	// Output: 257250616863051 through 1 tunnel
}
