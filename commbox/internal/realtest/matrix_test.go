package realtest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// long skips a test that is one of `make test-long`.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("COMMBOX_TEST_LONG") == "" {
		t.Skip("a long test: COMMBOX_TEST_LONG is not set")
	}
}

// bench is one software before one CommBox.
type bench struct {
	software
	*front
	server *commboxtest.Server
}

// started is the bench with the software started before a backend.
func (b bench) started(t *testing.T, to backend) bench {
	t.Helper()
	b.front = b.start(t, to)
	b.transport.ExpectContinueTimeout = 10 * time.Second // a busy machine may take more than the second of NewTransport
	t.Cleanup(b.transport.CloseIdleConnections)
	return b
}

func (b bench) client(t *testing.T, opts ...commbox.Option) *commbox.Client {
	t.Helper()
	return newClient(t, b.url, append([]commbox.Option{
		commbox.WithHTTPClient(&http.Client{Transport: b.transport}),
		commbox.WithObserver(func(a commbox.Attempt) {
			if a.Err != nil {
				t.Logf("attempt %d, %d bytes sent: %v", a.Number, a.BytesSent, a.Err)
			}
		}),
	}, opts...)...)
}

// TestMatrix runs each cell against each software. The first cell is a smoke test.
func TestMatrix(t *testing.T) {
	t.Parallel()
	cells := []struct {
		name string
		run  func(t *testing.T, b bench)
	}{
		{"sizes", cellSizes},
		{"refused by the software", cellRefused},
		{"refused after uploads that were accepted", cellRefusedLater},
		{"refused by CommBox", cellRefusedBehind},
		{"backend down", cellDown},
		{"backend lost in the middle", cellLost},
		{"backend killed in the middle", cellKilled},
		{"reload under load", cellReload},
		{"idle edge", cellIdle},
	}
	for _, s := range softwares {
		for i, cell := range cells {
			t.Run(s.name+"/"+cell.name, func(t *testing.T) {
				t.Parallel()
				if i > 0 {
					long(t)
				}
				options := []commboxtest.Option{commboxtest.WithKey(key)}
				if s.secure {
					options = append(options, commboxtest.WithTLS())
				}
				server := commboxtest.New(t, options...)
				cell.run(t, bench{s, nil, server}.started(t, backend{server.URL, server.Certificate(), time.Minute}))
			})
		}
	}
}

// sources are files that can be read again, and one that cannot and does not say
// how long it is.
func sources(size int, seed uint64) (replayable, once commbox.File, sum string) {
	data, sum := content(size, seed)
	return commbox.FromBytes("דוח.pdf", data), commbox.FromReader("דוח.pdf", io.MultiReader(bytes.NewReader(data))), sum
}

func cellSizes(t *testing.T, b bench) {
	client := b.client(t, patient)
	for i, size := range []int{10 << 10, 1<<20 - 1, 1 << 20, 8 << 20} {
		replayable, once, sum := sources(size, uint64(i))
		for name, file := range map[string]commbox.File{"size known": replayable, "size not known": once} {
			media, err := client.UploadMedia(t.Context(), stream, file)
			if err != nil {
				t.Errorf("%d bytes, %s: %v", size, name, err)
				continue
			}
			if media.Attempts != 1 && !b.loses {
				t.Errorf("%d bytes, %s: %d attempts", size, name, media.Attempts)
			}
			checkStored(t, b.server, media, sum)
		}
	}
}

// cellRefused demands that every upload that is announced sees the status. A small
// one is not announced: its connection may be reset before the status is read, and
// then it is another attempt that sees it.
func cellRefused(t *testing.T, b bench) {
	if !b.refuses {
		t.Skip(b.name + " answers nothing by itself")
	}
	for _, status := range refusals {
		for i := range 10 {
			for size, policy := range map[int]commbox.RetryPolicy{10 << 10: many, 8 << 20: commbox.NoRetry()} {
				replayable, once, _ := sources(size, uint64(i))
				for name, file := range map[string]commbox.File{"size known": replayable, "size not known": once} {
					if size < 1<<20 && (status == "429" || status == "503") {
						policy = commbox.NoRetry() // these would be tried again for their own sake
					}
					client := b.client(t, commbox.WithRetry(policy)) // none that another answer throttles
					_, err := client.UploadMedia(t.Context(), stream, file, commbox.Header("X-Refuse", status))
					lost := size < 1<<20 && policy.MaxAttempts == 1 && statusOf(err) == "none"
					if got := statusOf(err); got != status && !lost {
						t.Errorf("%d bytes, %s: %v, want status %s", size, name, err, status)
					}
				}
			}
		}
	}
	if n := len(b.server.Uploads()); n != 0 {
		t.Errorf("%d uploads stored", n)
	}
}

// cellRefusedLater is for a client that no longer announces, because it is served:
// what the first attempt may lose, the announced second one sees.
func cellRefusedLater(t *testing.T, b bench) {
	if !b.refuses {
		t.Skip(b.name + " answers nothing by itself")
	}
	policy := impatient
	policy.MaxAttempts = 2
	for _, status := range []string{"401", "413"} {
		for range 10 {
			client := b.client(t, commbox.WithRetry(policy), commbox.WithResponseTimeout(10*time.Second)) // Squid may hang for a minute
			small, _, _ := sources(10<<10, 1)
			for range 10 {
				if _, err := client.UploadMedia(t.Context(), stream, small, commbox.Attempts(20)); err != nil {
					t.Fatal(err)
				}
			}
			file, _, _ := sources(8<<20, 1)
			_, err := client.UploadMedia(t.Context(), stream, file, commbox.Header("X-Refuse", status))
			if got := statusOf(err); got != status {
				t.Errorf("%v, want status %s", err, status)
			}
		}
	}
}

// cellRefusedBehind is for an early answer of CommBox. What looks inside may
// answer 502 in its place; what does not must get the status through.
func cellRefusedBehind(t *testing.T, b bench) {
	for _, status := range []int{401, 404, 413, 429, 503} {
		client := b.client(t, commbox.WithRetry(commbox.NoRetry()))
		for range 5 {
			b.server.Fail(commboxtest.EarlyAnswer(status))
			file, _, _ := sources(8<<20, 1)
			_, err := client.UploadMedia(t.Context(), stream, file)
			got := statusOf(err)
			if got != strconv.Itoa(status) && (b.secure || got != "502") {
				t.Errorf("%v, want status %d", err, status)
			}
			b.server.Recover()
		}
	}
}

func cellDown(t *testing.T, b bench) {
	scheme := "http://"
	if b.secure {
		scheme = "https://"
	}
	down := b.started(t, backend{url: scheme + freeAddr(t), idle: time.Minute})
	for _, size := range []int{10 << 10, 8 << 20} {
		for range 2 {
			client := down.client(t)
			file, _, _ := sources(size, 1)
			_, err := client.UploadMedia(t.Context(), stream, file)
			var e *commbox.Error
			if !errors.As(err, &e) || e.StatusCode != b.down || e.Attempts != 4 {
				t.Errorf("%d bytes: %v, want status %d after 4 attempts", size, err, b.down)
			}
			if _, again := commbox.RetryLater(err); !again {
				t.Errorf("%d bytes: not worth another try: %v", size, err)
			}
		}
	}
}

func cellLost(t *testing.T, b bench) {
	client := b.client(t, patient)
	for i, size := range []int{10 << 10, 8 << 20} {
		b.server.Fail(commboxtest.Reset(int64(size/2)), commboxtest.LostAnswer(), commboxtest.Reset(1))
		file, _, sum := sources(size, uint64(i))
		media, err := client.UploadMedia(t.Context(), stream, file)
		if err != nil {
			t.Error(err)
			continue
		}
		// Some software tries again by itself, where it can.
		if media.Attempts < 2 || b.server.Pending() != 0 {
			t.Errorf("%d bytes: %d attempts, %d faults left", size, media.Attempts, b.server.Pending())
		}
		checkStored(t, b.server, media, sum)
	}
}

func cellReload(t *testing.T, b bench) {
	client := b.client(t, patient)
	const uploads = 40
	inParallel(2, uploads, func(i int) {
		if i%10 == 5 {
			b.reload(t)
		}
		file, _, sum := sources(256<<10+i*50_000, uint64(i))
		media, err := client.UploadMedia(t.Context(), stream, file)
		if err != nil {
			t.Error(err)
			return
		}
		checkStored(t, b.server, media, sum)
	})
}

// cellIdle comes back just when the software closes idle connections, which are
// set to 300 ms, or to 1 s where that is the least.
func cellIdle(t *testing.T, b bench) {
	timeout := 300 * time.Millisecond
	if b.name == "Squid" {
		timeout = time.Second
	}
	client := b.started(t, backend{b.server.URL, b.server.Certificate(), timeout}).client(t)
	for i := range 16 {
		size := []int{10 << 10, 1 << 20}[i%2]
		file, _, sum := sources(size, uint64(i))
		media, err := client.UploadMedia(t.Context(), stream, file)
		if err != nil {
			t.Errorf("after a pause of about %v: %v", timeout, err)
			continue
		}
		checkStored(t, b.server, media, sum)
		time.Sleep(timeout + time.Duration(i-8)*250*time.Microsecond)
	}
}

// statusOf is the status of the answer that an error tells of, else the error.
func statusOf(err error) string {
	var e *commbox.Error
	if !errors.As(err, &e) || e.StatusCode == 0 {
		return "none"
	}
	return strconv.Itoa(e.StatusCode)
}
