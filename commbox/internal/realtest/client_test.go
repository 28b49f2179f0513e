package realtest

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// stream is a stream ID with characters that a proxy may well decode or encode
// anew; decoded it is streamDecoded.
const (
	stream        = "hNyRN_fLUy7rrOrN9jLpipA%3d%3d"
	streamDecoded = "hNyRN_fLUy7rrOrN9jLpipA=="
)

// key is what every CommBox here accepts.
const key = "the-key-of-the-real-tests"

// impatient is a retry policy for a server on the same machine.
var impatient = commbox.RetryPolicy{BaseDelay: 5 * time.Millisecond, MaxDelay: 50 * time.Millisecond}

// commBox is a CommBox that must see nothing but correct requests.
func commBox(t *testing.T) *commboxtest.Server {
	t.Helper()
	return watched(t, commboxtest.NewServer(commboxtest.WithKey(key)))
}

func watched(t *testing.T, server *commboxtest.Server) *commboxtest.Server {
	t.Helper()
	t.Cleanup(func() {
		server.Close()
		for _, v := range server.Violations() {
			t.Error(v)
		}
	})
	return server
}

// trusting is the configuration of a client that trusts one server.
func trusting(certificate *x509.Certificate) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// many is a retry policy with more attempts than any software loses in a row.
var many = commbox.RetryPolicy{MaxAttempts: 20, BaseDelay: impatient.BaseDelay, MaxDelay: impatient.MaxDelay}

// patient is the option of a client that must succeed in the end also where the
// machine has so much else to do that healthy attempts time out.
var patient = commbox.WithRetry(many)

// client returns a client of CommBox behind nginx.
func (n *nginx) client(t *testing.T, transport *http.Transport, opts ...commbox.Option) *commbox.Client {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	return newClient(t, n.url, append([]commbox.Option{
		commbox.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)...)
}

// newClient returns a client with the key that commboxtest accepts.
func newClient(t *testing.T, url string, opts ...commbox.Option) *commbox.Client {
	t.Helper()
	client, err := commbox.New(commbox.APIKey(key), append([]commbox.Option{
		commbox.WithBaseURL(url),
		commbox.WithRetry(impatient),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// defaultTransport is what a Client has by itself, but for the certificate.
func defaultTransport(n *nginx) *http.Transport {
	transport := commbox.NewTransport()
	transport.TLSClientConfig = trusting(n.certificate)
	return transport
}

// http2Transport is one that a caller could bring, and speaks only HTTP/2.
func http2Transport(n *nginx) *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = trusting(n.certificate)
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP2(true)
	return transport
}

// content is size bytes that are different for every seed, and their SHA-256.
func content(size int, seed uint64) (data []byte, sum string) {
	data = make([]byte, size)
	source := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = source.Read(data)
	hash := sha256.Sum256(data)
	return data, hex.EncodeToString(hash[:])
}

// checkStored demands that exactly the upload with that ID has the content.
func checkStored(t *testing.T, server *commboxtest.Server, media *commbox.Media, sum string) {
	t.Helper()
	for _, upload := range server.Uploads() {
		if upload.ID != media.ID {
			continue
		}
		if upload.SHA256 != sum || upload.StreamID != streamDecoded || upload.Size != media.Size {
			t.Errorf("stored %+v, want SHA-256 %s, %d bytes, for %s", upload, sum, media.Size, streamDecoded)
		}
		return
	}
	t.Errorf("no upload has the ID %s", media.ID)
}

// inParallel calls do with 0 to n-1, by a number of workers.
func inParallel(workers, n int, do func(i int)) {
	var running sync.WaitGroup
	next := make(chan int)
	for range workers {
		running.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	running.Wait()
}
