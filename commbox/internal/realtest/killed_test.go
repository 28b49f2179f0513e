package realtest

import (
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// With -doomed these tests are a backend that is killed in the middle of a body.
var (
	doomedAddr   = flag.String("doomed", "", "serve `HOST:PORT` until so many bytes of a body have come")
	doomedAfter  = flag.Int64("doomed-after", 0, "the `BYTES`")
	doomedSecure = flag.Bool("doomed-secure", false, "serve TLS, with the certificate of httptest")
)

// serveDoomed serves until it has read a part of a body, and is killed then.
func serveDoomed() {
	listener, err := net.Listen("tcp", *doomedAddr) //nolint:noctx // it does not wait
	if err != nil {
		panic(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if n, _ := io.CopyN(io.Discard, r.Body, *doomedAfter); n < *doomedAfter {
			return
		}
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		panic(err)
	}))
	_ = server.Listener.Close()
	server.Listener = listener
	if *doomedSecure {
		server.StartTLS()
	} else {
		server.Start()
	}
	select {}
}

// cellKilled has the process behind the software killed while an upload is in its
// middle. Another one takes its address, and gets the whole file.
func cellKilled(t *testing.T, b bench) {
	for i, size := range []int{10 << 10, 8 << 20} {
		doomed := &process{addr: freeAddr(t), dir: t.TempDir()}
		args := []string{"-doomed", doomed.addr, "-doomed-after", strconv.Itoa(size / 2)}
		scheme, options := "http://", []commboxtest.Option{commboxtest.WithKey(key)}
		if b.secure {
			args, scheme, options = append(args, "-doomed-secure"), "https://", append(options, commboxtest.WithTLS())
		}
		if err := doomed.run(t, os.Args[0], args); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(doomed.stop)
		client := b.started(t, backend{scheme + doomed.addr, b.server.Certificate(), time.Minute}).client(t, commbox.WithRetry(
			commbox.RetryPolicy{MaxAttempts: 20, BaseDelay: impatient.BaseDelay, MaxDelay: time.Second}))
		replaced := make(chan *commboxtest.Server, 1)
		go func() {
			<-doomed.ended
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", doomed.addr)
			if err != nil {
				t.Error(err)
			}
			replaced <- commboxtest.NewServer(append(options, commboxtest.WithListener(listener))...)
		}()
		file, _, sum := sources(size, uint64(i))
		media, err := client.UploadMedia(t.Context(), stream, file)
		doomed.stop()
		server := watched(t, <-replaced)
		switch {
		case err != nil:
			t.Errorf("%d bytes: %v", size, err)
		case media.Attempts < 2:
			t.Errorf("%d bytes: %d attempts, and the process that was killed got half of it", size, media.Attempts)
		default:
			checkStored(t, server, media, sum)
		}
	}
}
