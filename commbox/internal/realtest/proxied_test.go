package realtest

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestNginxPassesUploadsOn(t *testing.T) {
	long(t)
	t.Parallel()
	transports := map[string]func(*nginx) *http.Transport{"HTTP/1.1": defaultTransport, "HTTP/2.0": http2Transport}
	for _, buffering := range []string{"on", "off"} {
		for protocol, transport := range transports {
			t.Run(protocol+" buffering "+buffering, func(t *testing.T) {
				t.Parallel()
				server := commBox(t)
				proxy := startNginx(t, server.URL, nginxConfig{server: "proxy_request_buffering " + buffering + ";"})
				client := proxy.client(t, transport(proxy))
				sizes := []int{1, 10 << 10, 1 << 20, 16<<20 + 1}
				for i, size := range sizes {
					data, sum := content(size, uint64(i))
					media, err := client.UploadMedia(t.Context(), stream, commbox.FromBytes(fmt.Sprintf("דוח %d.pdf", i), data))
					if err != nil {
						t.Fatal(err)
					}
					if media.Attempts != 1 {
						t.Errorf("%d bytes took %d attempts", size, media.Attempts)
					}
					checkStored(t, server, media, sum)
				}
				for _, line := range proxy.accessLog(t, len(sizes)) {
					if line.protocol != protocol || line.status != http.StatusOK {
						t.Errorf("nginx answered %d over %s", line.status, line.protocol)
					}
				}
			})
		}
	}
}

// What a proxy answers in CommBox's place has an HTML body. Each row is an
// upstream that fails for a while, or for good.
func TestNginxAnswersForUpstream(t *testing.T) {
	long(t)
	t.Parallel()
	tests := []struct {
		name   string
		fault  commboxtest.Fault
		size   int
		status int
		config string
	}{
		{"connection lost", commboxtest.Refuse(), 16 << 20, http.StatusBadGateway, ""},
		{"connection lost in the middle", commboxtest.Reset(1 << 20), 16 << 20, http.StatusBadGateway, "proxy_request_buffering off;"},
		{"no answer", commboxtest.Stall(64 << 10), 64 << 10, http.StatusGatewayTimeout, "proxy_read_timeout 500ms;"},
		{"body not taken", commboxtest.Stall(1 << 20), 16 << 20, http.StatusGatewayTimeout, "proxy_send_timeout 500ms;"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := commBox(t)
			proxy := startNginx(t, server.URL, nginxConfig{server: test.config})
			transport := defaultTransport(proxy)
			var statuses []int
			client := proxy.client(t, transport, patient, commbox.WithObserver(func(a commbox.Attempt) {
				statuses = append(statuses, a.StatusCode)
			}))

			data, sum := content(test.size, 7)
			file := commbox.FromBytes("offer.pdf", data)
			server.Fail(test.fault.Times(2))
			media, err := client.UploadMedia(t.Context(), stream, file)
			if err != nil {
				t.Fatal(err)
			}
			checkStored(t, server, media, sum)
			if len(statuses) < 3 || statuses[0] != test.status || statuses[1] != test.status {
				t.Errorf("attempts ended with %v, want %d twice", statuses, test.status)
			}

			server.Fail(test.fault.Forever())
			_, err = proxy.client(t, transport).UploadMedia(t.Context(), stream, file)
			var e *commbox.Error
			if !errors.As(err, &e) || !errors.Is(err, commbox.ErrServer) || e.StatusCode != test.status || e.Attempts != 4 ||
				!e.MaybeDelivered || e.Description != "" || !bytes.Contains(e.Body, []byte("<html>")) {
				t.Errorf("error %v", err)
			}
			if _, again := commbox.RetryLater(err); !again {
				t.Error("not worth another try")
			}
		})
	}
}

func TestNginxWithoutUpstream(t *testing.T) {
	long(t)
	t.Parallel()
	proxy := startNginx(t, "http://"+freeAddr(t), nginxConfig{})
	for name, transport := range map[string]func(*nginx) *http.Transport{"HTTP 1.1": defaultTransport, "HTTP 2": http2Transport} {
		client := proxy.client(t, transport(proxy))
		_, err := client.UploadMedia(t.Context(), stream, commbox.FromBytes("offer.pdf", make([]byte, 16<<20)))
		var e *commbox.Error
		if !errors.As(err, &e) || !errors.Is(err, commbox.ErrServer) || e.StatusCode != http.StatusBadGateway || e.Attempts != 4 {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// limit_req refuses with 503 by itself, and with 429 where it is told to; how
// long to wait, it does not say unless the configuration adds it.
func TestNginxLimitsRequests(t *testing.T) {
	long(t)
	t.Parallel()
	tests := []struct {
		name   string
		config string
		status int
	}{
		{"503", "", http.StatusServiceUnavailable},
		{"429", "limit_req_status 429;", http.StatusTooManyRequests},
		{"429 with Retry-After", "limit_req_status 429; add_header Retry-After 1 always;", http.StatusTooManyRequests},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			const uploads = 5
			server := commBox(t)
			proxy := startNginx(t, server.URL, nginxConfig{
				http:   "limit_req_zone $binary_remote_addr zone=all:1m rate=2r/s;",
				server: "limit_req zone=all; " + test.config,
			})
			var limited atomic.Int64
			client := proxy.client(t, defaultTransport(proxy),
				commbox.WithRetry(commbox.RetryPolicy{MaxAttempts: 40, BaseDelay: 200 * time.Millisecond, MaxDelay: time.Second}),
				commbox.WithObserver(func(a commbox.Attempt) {
					if a.StatusCode == test.status {
						limited.Add(1)
					}
				}))
			data, sum := content(1<<20, 3)
			inParallel(uploads, uploads, func(int) {
				media, err := client.UploadMedia(t.Context(), stream, commbox.FromBytes("offer.pdf", data))
				if err != nil {
					t.Error(err)
					return
				}
				checkStored(t, server, media, sum)
			})
			if n := len(server.Uploads()); n != uploads {
				t.Errorf("%d uploads stored, want %d", n, uploads)
			}
			if limited.Load() == 0 {
				t.Error("nginx did not limit anything")
			}
			t.Logf("%d uploads, %d attempts refused", uploads, limited.Load())
		})
	}
}

// Proxies close idle connections just when they are used again, and end their
// workers when they read a new configuration. Neither may be felt.
func TestNginxClosesConnections(t *testing.T) {
	long(t)
	t.Parallel()
	tests := []struct {
		name   string
		config string
		reload bool
	}{
		{"idle", "keepalive_timeout 20ms;", false},
		{"after each request", "keepalive_requests 1;", false},
		{"reload", "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			const uploads = 40
			server := commBox(t)
			proxy := startNginx(t, server.URL, nginxConfig{server: test.config})
			client := proxy.client(t, defaultTransport(proxy))
			data, sum := content(64<<10, 5)
			inParallel(2, uploads, func(i int) {
				if test.reload && i%10 == 5 {
					proxy.reload(t)
				}
				media, err := client.UploadMedia(t.Context(), stream, commbox.FromBytes("offer.pdf", data))
				if err != nil {
					t.Error(err)
					return
				}
				checkStored(t, server, media, sum)
				time.Sleep(19 * time.Millisecond) // about when nginx closes
			})
			if n := len(server.Uploads()); n != uploads {
				t.Errorf("%d uploads stored, want %d", n, uploads)
			}
		})
	}
}

func TestNginxIsNotTrusted(t *testing.T) {
	t.Parallel()
	server := commBox(t)
	proxy := startNginx(t, server.URL, nginxConfig{})
	transport := commbox.NewTransport()
	client := proxy.client(t, transport)
	_, err := client.UploadMedia(t.Context(), stream, commbox.FromBytes("offer.pdf", make([]byte, 2<<20)))
	var (
		e         *commbox.Error
		authority x509.UnknownAuthorityError
	)
	if !errors.As(err, &e) || !errors.As(err, &authority) || e.Attempts != 1 || e.BytesSent != 0 || e.MaybeDelivered {
		t.Errorf("error %v", err)
	}
	if _, again := commbox.RetryLater(err); again {
		t.Error("worth another try")
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests reached CommBox", n)
	}
}
