package commbox_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// post calls an operation that is not known to be repeat-safe: the upload, by
// the generated client, with a body that can be read again.
func post(ctx context.Context, c *commbox.Client, opts ...commbox.RequestOption) error {
	const form = "--b\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"offer.pdf\"\r\n" +
		"Content-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n"
	_, err := c.API().UploadMediaWithBodyWithResponse(ctx, "abc==", "multipart/form-data; boundary=b",
		bytes.NewReader([]byte(form)), opts...)
	return err
}

func upload(ctx context.Context, c *commbox.Client, opts ...commbox.RequestOption) error {
	_, err := c.UploadMedia(ctx, "abc==", smallPDF(), opts...)
	return err
}

// listen answers each connection to it with what handle does, and counts them.
func listen(t *testing.T, handle func(net.Conn)) (addr string, accepted *atomic.Int64) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted = new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			handle(conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String(), accepted
}

func connect(t *testing.T, opts ...commbox.Option) *commbox.Client {
	t.Helper()
	c, err := commbox.New(commbox.APIKey("k"), opts...)
	if err != nil {
		t.Fatal(err)
	}
	f := commboxtest.NewClock()
	return c.WithClock(f.Now, f.Sleep, func() float64 { return 0 })
}

// fakeClient is a client of s whose delays cost no time.
func fakeClient(s *commboxtest.Server, opts ...commbox.Option) (*commbox.Client, *commboxtest.Clock) {
	f := commboxtest.NewClock()
	return s.Client(opts...).WithClock(f.Now, f.Sleep, func() float64 { return 0.999999999 }), f
}

// smallPDF is a file that no limit and no size of a buffer plays a part for.
func smallPDF() commbox.File { return commbox.FromBytes("offer.pdf", []byte("%PDF-1.7 an offer")) }

// TestClientThatNewDidNotMake: every call says so, and nothing panics.
func TestClientThatNewDidNotMake(t *testing.T) {
	t.Parallel()
	var zero commbox.Client
	for what, call := range map[string]func(context.Context, *commbox.Client, ...commbox.RequestOption) error{"UploadMedia": upload, "API": post} {
		if err := call(t.Context(), &zero); !errors.Is(err, commbox.ErrInvalidInput) || !strings.Contains(err.Error(), "New") {
			t.Errorf("%s: %v", what, err)
		}
	}
	zero.CloseIdleConnections()
}
