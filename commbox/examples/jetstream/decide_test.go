package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	retryAfter := commboxtest.Header("Retry-After", "90")
	tests := []struct {
		name       string
		fault      commboxtest.Fault
		deliveries uint64
		want       decision
	}{
		{"400", commboxtest.Status(400), 1, decision{never, 0}},
		{"401: the key is nobody's job", commboxtest.Status(401), 1, decision{halt, time.Second}},
		{"403", commboxtest.Status(403), 1, decision{halt, time.Second}},
		{"404", commboxtest.Status(404), 1, decision{never, 0}},
		{"413", commboxtest.Status(413), 1, decision{never, 0}},
		{"429", commboxtest.Status(429, retryAfter), 1, decision{later, 90 * time.Second}},
		{"500", commboxtest.Status(500), 1, decision{later, 750 * time.Millisecond}},
		{"501", commboxtest.Status(501), 1, decision{never, 0}},
		{"502, the third time", commboxtest.Status(502), 3, decision{later, 3 * time.Second}},
		{"503", commboxtest.Status(503, retryAfter), 1, decision{later, 90 * time.Second}},
		{"connection lost, often", commboxtest.LostAnswer(), 60, decision{later, 225 * time.Second}},
		{"connection refused, too often", commboxtest.Refuse(), maxDeliveries, decision{never, 0}},
		{"answer cut", commboxtest.Cut(5), 2, decision{later, 1500 * time.Millisecond}},
		{"none", commboxtest.ContinueIgnored(), 1, decision{done, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := commboxtest.NewServer()
			defer server.Close()
			server.Fail(test.fault)
			_, err := server.Client(commbox.WithRetry(commbox.NoRetry())).
				UploadMedia(t.Context(), "stream", commbox.FromBytes("offer.pdf", []byte("%PDF")))
			if got := decide(err, test.deliveries, 0.5); got != test.want {
				t.Errorf("got %+v, want %+v for %v", got, test.want, err)
			}
		})
	}
}

func TestDecideWithoutAnswer(t *testing.T) {
	t.Parallel()
	server := commboxtest.NewTLSServer()
	defer server.Close()
	upload := func(ctx context.Context, key commbox.KeySource, file commbox.File) error {
		client, err := commbox.New(marked(key), commbox.WithBaseURL(server.URL),
			commbox.WithHTTPClient(&http.Client{Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12},
			}}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.UploadMedia(ctx, "stream", file)
		return err
	}

	key, file := commbox.APIKey(server.Key()), commbox.FromBytes("offer.pdf", []byte("%PDF"))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		err  error
		want fate
	}{
		{"untrusted certificate", upload(t.Context(), key, file), halt},
		{"no key", upload(t.Context(), commbox.APIKeyFile("nowhere"), file), halt},
		{"no file", upload(t.Context(), key, commbox.FromPath("nowhere.pdf")), never},
		{"cancelled", upload(cancelled, key, file), later},
	}
	for _, test := range tests {
		if got := decide(test.err, 1, 0); got.fate != test.want {
			t.Errorf("%s: %+v for %v", test.name, got, test.err)
		}
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	last := time.Duration(0)
	for deliveries := uint64(1); deliveries < 200; deliveries++ {
		least, most := backoff(deliveries, 0), backoff(deliveries, 0.999)
		if least < last/2 || least < firstDelay/2 || most > maxDelay || least >= most {
			t.Fatalf("delivery %d: %v to %v after %v", deliveries, least, most, last)
		}
		last = most
	}
}
