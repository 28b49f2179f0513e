package realtest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
)

// A proxy that limits the size of requests answers 413 before it has read the
// body. Every upload must see that answer, and one that could ask first (Expect:
// 100-continue) must not have sent its file for nothing.
func TestNginxRefusesLargeFiles(t *testing.T) {
	long(t)
	t.Parallel()
	const (
		uploads = 50
		size    = 16 << 20
		limit   = "client_max_body_size 1m;"
		closes  = "lingering_close off;" // a connection reset for who still writes
	)
	type transport func(*nginx) *http.Transport
	tests := []struct {
		name      string
		file      func() commbox.File
		config    string
		transport transport
		protocol  string
		mayBeSent int64 // bytes of each body
	}{
		{"default", sized(size), limit, defaultTransport, "HTTP/1.1", 0},
		{"default, closed at once", sized(size), limit + closes, defaultTransport, "HTTP/1.1", 0},
		{"default, small file", sized(512 << 10), "client_max_body_size 64k;", defaultTransport, "HTTP/1.1", 600 << 10},
		{"default, size not known", unsized(size), limit, defaultTransport, "HTTP/1.1", size + 1<<10},
		{"HTTP 2", sized(size), limit, http2Transport, "HTTP/2.0", 0},
		{"HTTP 2, closed at once", sized(size), limit + closes, http2Transport, "HTTP/2.0", 0},
		{"HTTP 2, small file", sized(512 << 10), "client_max_body_size 64k;", http2Transport, "HTTP/2.0", 600 << 10},
		{"HTTP 2, size not known", unsized(size), limit, http2Transport, "HTTP/2.0", size + 1<<10},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := commBox(t)
			proxy := startNginx(t, server.URL, nginxConfig{server: test.config})
			transport := test.transport(proxy)
			if test.mayBeSent == 0 {
				// Where the machine is slow the answer may come after the usual second.
				transport.ExpectContinueTimeout = 20 * time.Second
			}
			client := proxy.client(t, transport)

			var (
				mu   sync.Mutex
				seen int
			)
			inParallel(4, uploads, func(int) {
				_, err := client.UploadMedia(t.Context(), stream, test.file())
				var e *commbox.Error
				if errors.As(err, &e) && e.StatusCode == http.StatusRequestEntityTooLarge && e.Attempts == 1 &&
					errors.Is(err, commbox.ErrBadRequest) && bytes.Contains(e.Body, []byte("<html>")) &&
					!e.MaybeDelivered && e.BytesSent <= test.mayBeSent {
					mu.Lock()
					defer mu.Unlock()
					seen++
					return
				}
				t.Errorf("not the 413 that it should be: %v", err)
			})
			t.Logf("413 seen by %d of %d uploads", seen, uploads)
			if n := len(server.Requests()); n != 0 {
				t.Errorf("%d requests reached CommBox", n)
			}
			for _, line := range proxy.accessLog(t, uploads) {
				if line.protocol != test.protocol || line.status != http.StatusRequestEntityTooLarge {
					t.Errorf("nginx answered %d over %s", line.status, line.protocol)
				}
				if line.length > test.mayBeSent+4<<10 {
					t.Errorf("nginx was sent %d bytes", line.length)
				}
			}
		})
	}
}

// A body of unknown size cannot be refused before it is sent. Where the proxy
// then resets the connection, the 413 may be lost, and the error has to say so.
func TestNginxRefusesLargeFileTooLate(t *testing.T) {
	long(t)
	t.Parallel()
	server := commBox(t)
	proxy := startNginx(t, server.URL, nginxConfig{server: "client_max_body_size 1m; lingering_close off;"})
	client := proxy.client(t, defaultTransport(proxy))
	for range 20 {
		_, err := client.UploadMedia(t.Context(), stream, unsized(16<<20)())
		var e *commbox.Error
		if !errors.As(err, &e) || e.Attempts != 1 {
			t.Fatalf("not the error of one attempt: %v", err)
		}
		lost := errors.Is(err, commbox.ErrNotReplayable) && e.MaybeDelivered
		if e.StatusCode != http.StatusRequestEntityTooLarge && !lost {
			t.Errorf("neither the 413 nor a lost connection: %v", err)
		}
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests reached CommBox", n)
	}
}

// An answer that comes late, after the client has stopped waiting for "100
// Continue", does not say that the proxy would not have refused: the next upload
// asks again.
func TestNginxRefusesLate(t *testing.T) {
	long(t)
	t.Parallel()
	server := commBox(t)
	proxy := startNginx(t, server.URL, nginxConfig{server: "client_max_body_size 1m;"})
	w := lay(t, proxy.url, proxy.certificate)
	client := w.client(t)
	for _, late := range []bool{true, false} {
		if late {
			w.poison(t, poison{"latency", "downstream", `"latency": 1500`})
			w.poison(t, poison{"bandwidth", "upstream", `"rate": 4096`}) // not all is sent by then
		} else {
			w.heal(t)
		}
		_, err := client.UploadMedia(t.Context(), stream, sized(16<<20)())
		var e *commbox.Error
		if !errors.As(err, &e) || e.StatusCode != http.StatusRequestEntityTooLarge {
			t.Fatalf("late %t: not the 413 that it should be: %v", late, err)
		}
		if late && e.BytesSent == 0 {
			t.Error("the answer did not come late")
		}
	}
	for i, line := range proxy.accessLog(t, 2) {
		if line.expect != "100-continue" {
			t.Errorf("upload %d did not ask first", i)
		}
	}
}

func sized(size int) func() commbox.File {
	data := make([]byte, size)
	return func() commbox.File { return commbox.FromBytes("large.pdf", data) }
}

// unsized is a file that can be read once and does not say how long it is.
func unsized(size int) func() commbox.File {
	data := make([]byte, size)
	return func() commbox.File {
		return commbox.FromReader("large.pdf", io.MultiReader(bytes.NewReader(data)))
	}
}
