package realtest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// poison is a toxic of toxiproxy and its direction.
type poison struct{ toxic, direction, attributes string }

// The second size is large enough to be announced with Expect: 100-continue.
const (
	small = 10 << 10
	large = 4 << 20
)

// servers is what every wire is laid to.
func servers(t *testing.T, do func(t *testing.T, server *commboxtest.Server)) {
	t.Helper()
	for name, start := range map[string]func(...commboxtest.Option) *commboxtest.Server{
		"plain": commboxtest.NewServer, "TLS": commboxtest.NewTLSServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do(t, watched(t, start(commboxtest.WithKey(key))))
		})
	}
}

// A connection that is slow, far or cut into small pieces is none that fails.
func TestToxicsThatOnlyHinder(t *testing.T) {
	long(t)
	t.Parallel()
	tests := []struct {
		poison
		size int
	}{
		{poison{"latency", "upstream", `"latency": 100, "jitter": 50`}, large},
		{poison{"latency", "downstream", `"latency": 100, "jitter": 50`}, large},
		{poison{"bandwidth", "upstream", `"rate": 4096`}, large},
		{poison{"bandwidth", "downstream", `"rate": 4`}, small},
		{poison{"slicer", "upstream", `"average_size": 4096, "size_variation": 1024, "delay": 1`}, large},
		{poison{"slicer", "downstream", `"average_size": 16, "size_variation": 8, "delay": 1000`}, small},
		{poison{"slow_close", "downstream", `"delay": 300`}, small},
	}
	for _, test := range tests {
		t.Run(test.toxic+" "+test.direction, func(t *testing.T) {
			t.Parallel()
			servers(t, func(t *testing.T, server *commboxtest.Server) {
				w := lay(t, server.URL, server.Certificate())
				w.poison(t, test.poison)
				client := w.client(t, commbox.WithStallTimeout(10*time.Second), commbox.WithResponseTimeout(20*time.Second))
				data, sum := content(test.size, 1)
				for i := range 2 {
					media, err := client.UploadMedia(t.Context(), stream, commbox.FromBytes(fmt.Sprintf("%d.pdf", i), data))
					if err != nil {
						t.Fatal(err)
					}
					if media.Attempts != 1 {
						t.Errorf("it took %d attempts", media.Attempts)
					}
					checkStored(t, server, media, sum)
				}
			})
		})
	}
}

// A connection that fails is tried again until it heals, and where it does not
// heal the error says what happened.
func TestToxicsThatBreak(t *testing.T) {
	long(t)
	t.Parallel()
	type end struct {
		limit  time.Duration // of the client
		causes []error       // one of them
	}
	lost := end{20 * time.Second, []error{syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed, io.EOF, io.ErrUnexpectedEOF}}
	timeout := end{time.Second, []error{os.ErrDeadlineExceeded}}
	tests := []struct {
		poison
		size      int
		end       end
		delivered bool // the server has processed what the client got no answer to
	}{
		{poison{"reset_peer", "upstream", `"timeout": 0`}, small, lost, false},
		{poison{"reset_peer", "upstream", `"timeout": 20`}, large, lost, false},
		{poison{"reset_peer", "downstream", `"timeout": 0`}, small, lost, true},
		{poison{"limit_data", "upstream", `"bytes": 5000`}, small, lost, false},
		{poison{"limit_data", "upstream", `"bytes": 2000000`}, large, lost, false},
		// Swallows what is sent: the client gets rid of all and waits for an answer.
		{poison{"timeout", "upstream", `"timeout": 0`}, small, timeout, false},
		{poison{"timeout", "upstream", `"timeout": 0`}, large, timeout, false},
		{poison{"timeout", "upstream", `"timeout": 100`}, large, lost, false},
		{poison{"timeout", "downstream", `"timeout": 0`}, small, timeout, true},
		// Takes nothing: sending stalls.
		{poison{"bandwidth", "upstream", `"rate": 1`}, large, timeout, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %s %s %d", test.toxic, test.direction, test.attributes, test.size), func(t *testing.T) {
			t.Parallel()
			servers(t, func(t *testing.T, server *commboxtest.Server) {
				w := lay(t, server.URL, server.Certificate())
				w.poison(t, test.poison)
				timeouts := []commbox.Option{commbox.WithStallTimeout(test.end.limit), commbox.WithResponseTimeout(test.end.limit)}
				data, sum := content(test.size, 2)
				file := commbox.FromBytes("offer.pdf", data)

				_, err := w.client(t, timeouts...).UploadMedia(t.Context(), stream, file)
				checkBroken(t, err, test.end.causes)
				if stored := len(server.Uploads()); !test.delivered && stored != 0 {
					t.Errorf("%d uploads stored, want none", stored)
				}

				healing := w.client(t, append(timeouts, patient, commbox.WithObserver(func(a commbox.Attempt) {
					if a.Number == 2 {
						w.heal(t)
					}
				}))...)
				media, err := healing.UploadMedia(t.Context(), stream, file)
				if err != nil {
					t.Fatal(err)
				}
				if media.Attempts < 3 {
					t.Errorf("it took %d attempts, want 3", media.Attempts)
				}
				checkStored(t, server, media, sum)
			})
		})
	}
}

// checkBroken demands the error of four attempts that got no answer.
func checkBroken(t *testing.T, err error, causes []error) {
	t.Helper()
	var e *commbox.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	if e.StatusCode != 0 || e.Attempts != 4 || t.Context().Err() != nil {
		t.Errorf("%d attempts, status %d: %v", e.Attempts, e.StatusCode, err)
	}
	if _, again := commbox.RetryLater(err); !again {
		t.Errorf("not worth another try: %v", err)
	}
	for _, cause := range causes {
		if errors.Is(err, cause) {
			return
		}
	}
	t.Errorf("not one of %v: %v", causes, err)
}

// A proxy that is down refuses connections: nothing is sent, and nothing can
// have been processed.
func TestToxiproxyDown(t *testing.T) {
	long(t)
	t.Parallel()
	servers(t, func(t *testing.T, server *commboxtest.Server) {
		w := lay(t, server.URL, server.Certificate())
		w.proxy.Stop()
		back := false
		client := w.client(t, commbox.WithObserver(func(a commbox.Attempt) {
			if back && a.Number == 2 {
				if err := w.proxy.Start(); err != nil {
					t.Error(err)
				}
			}
		}))
		data, sum := content(large, 3)
		file := commbox.FromBytes("offer.pdf", data)

		_, err := client.UploadMedia(t.Context(), stream, file)
		checkBroken(t, err, []error{syscall.ECONNREFUSED})
		var e *commbox.Error
		if errors.As(err, &e) && (e.MaybeDelivered || e.BytesSent != 0) {
			t.Errorf("%d bytes sent, MaybeDelivered %t", e.BytesSent, e.MaybeDelivered)
		}

		back = true
		media, err := client.UploadMedia(t.Context(), stream, file)
		if err != nil {
			t.Fatal(err)
		}
		if media.Attempts != 3 {
			t.Errorf("it took %d attempts, want 3", media.Attempts)
		}
		checkStored(t, server, media, sum)
	})
}
