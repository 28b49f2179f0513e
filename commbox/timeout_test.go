package commbox_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestStalledAttemptsAreRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]commboxtest.Fault{
		"while sending": commboxtest.Stall(1 << 20), "without an answer": commboxtest.Stall(8 << 20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			s.Fail(fault)
			c, _ := fakeClient(s, commbox.WithStallTimeout(time.Second), commbox.WithResponseTimeout(30*time.Second))
			if name == "without an answer" {
				c, _ = fakeClient(s, commbox.WithStallTimeout(30*time.Second), commbox.WithResponseTimeout(2*time.Second))
			}
			media, err := c.UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", make([]byte, 6<<20)))
			if err != nil || media.Attempts != 2 {
				t.Fatalf("media %+v, error %v", media, err)
			}
		})
	}
}

// TestAnswersThatDrip: the response timeout is for the whole answer.
func TestAnswersThatDrip(t *testing.T) {
	t.Parallel()
	addr, accepted := listen(t, func(conn net.Conn) {
		go func() {
			defer func() { _ = conn.Close() }()
			_, _ = conn.Read(make([]byte, 64<<10))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
			for range 100 {
				time.Sleep(20 * time.Millisecond)
				if _, err := conn.Write([]byte(" ")); err != nil {
					return
				}
			}
		}()
	})
	c := connect(t, commbox.WithBaseURL("http://"+addr), commbox.WithResponseTimeout(200*time.Millisecond))
	err := upload(t.Context(), c)
	var e *commbox.Error
	if !errors.As(err, &e) || e.Attempts != 4 || accepted.Load() != 4 || !e.MaybeDelivered || !errors.Is(err, commbox.ErrInvalidResponse) {
		t.Errorf("%d connections, error %v", accepted.Load(), err)
	}
}

// TestInterimAnswersEnd: neither a flood nor a drip of them outlives the
// response timeout.
func TestInterimAnswersEnd(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"flood": 0, "drip": 20 * time.Millisecond} {
		addr, _ := listen(t, func(conn net.Conn) {
			go func() {
				defer func() { _ = conn.Close() }()
				go func() { _, _ = io.Copy(io.Discard, conn) }()
				for range 500 {
					if _, err := io.WriteString(conn, "HTTP/1.1 102 Processing\r\n\r\n"); err != nil {
						return
					}
					time.Sleep(pause)
				}
			}()
		})
		c := connect(t, commbox.WithBaseURL("http://"+addr), commbox.WithRetry(commbox.NoRetry()), commbox.WithResponseTimeout(500*time.Millisecond))
		start := time.Now()
		_, err := c.UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", make([]byte, 2<<20)))
		if err == nil || time.Since(start) > 6*time.Second {
			t.Errorf("%s: error %v after %v", name, err, time.Since(start))
		}
	}
}

// TestSwitchedProtocols: nothing reads a connection that is no longer HTTP's, over
// which net/http does not let the context rule.
func TestSwitchedProtocols(t *testing.T) {
	t.Parallel()
	addr, _ := listen(t, func(conn net.Conn) {
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = conn.Read(make([]byte, 64<<10))
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	err := upload(ctx, connect(t, commbox.WithBaseURL("http://"+addr)))
	if e := (*commbox.Error)(nil); !errors.As(err, &e) || e.StatusCode != 101 || ctx.Err() != nil {
		t.Errorf("error %v", err)
	}
}
