package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/iotest"
)

// TestDeadlineThatIsNotTheCallers: net/http calls its own timeouts by the same name.
func TestDeadlineThatIsNotTheCallers(t *testing.T) {
	t.Parallel()
	c := newClient(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("dial: %w", context.DeadlineExceeded)
	})
	if _, f := get(t.Context(), c); f == nil || errors.Is(f.Err, context.DeadlineExceeded) || !errors.Is(f.Err, os.ErrDeadlineExceeded) {
		t.Errorf("failure %+v", f)
	}
}

// TestContextEndsWhileAnAnswerIsRead: the call ends with it and its cause, also one
// that is not tried again.
func TestContextEndsWhileAnAnswerIsRead(t *testing.T) {
	t.Parallel()
	why := errors.New("the shop has closed")
	ctx, cancel := context.WithCancelCause(t.Context())
	c := newClient(func(*http.Request) (*http.Response, error) {
		cancel(why)
		return &http.Response{StatusCode: 200, Body: io.NopCloser(iotest.ErrReader(context.Canceled))}, nil
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1/", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, f := c.Do(Call{Request: req})
	if f == nil || f.Kind != Ended || !errors.Is(f.Err, context.Canceled) || !errors.Is(f.Err, why) || !f.MaybeDelivered {
		t.Errorf("failure %+v", f)
	}
}

// TestTLSAlert: a server may refuse the client's certificate only after the
// handshake. No further attempt changes that.
func TestTLSAlert(t *testing.T) {
	t.Parallel()
	c := newClient(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "remote error", Err: tls.AlertError(42)} // bad certificate
	})
	if _, f := get(t.Context(), c); f == nil || f.Kind != Untrusted || f.Attempts != 1 || f.MaybeDelivered {
		t.Errorf("failure %+v", f)
	}
}
