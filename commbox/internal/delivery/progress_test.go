package delivery

import (
	"context"
	"errors"
	"io"
	"net/http/httptrace"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// newProgress is that of an announced request with a body of 4 bytes.
func newProgress() *progress {
	p := &progress{ctx: context.Background(), stall: time.Second, response: time.Hour, length: 4, announced: true, moved: time.Now()}
	p.track(io.NopCloser(strings.NewReader("body")), false)
	return p
}

// The events of an attempt.
func asked(p *progress)     { p.trace(nil).GetConn("") }
func connected(p *progress) { p.trace(nil).GotConn(httptrace.GotConnInfo{}) }
func got100(p *progress)    { p.trace(nil).Got100Continue() }
func firstByte(p *progress) { p.trace(nil).GotFirstResponseByte() }
func header(p *progress)    { p.record(&p.answered, true) }

func read(n int, err error) func(*progress) {
	return func(p *progress) {
		if p.body.startRead() {
			p.body.endRead(n, err)
		}
	}
}

// TestProgress has the transitions of an attempt: after these events it ends for
// this reason if nothing moves, and knows this.
func TestProgress(t *testing.T) {
	t.Parallel()
	const (
		connecting = "no connection within 1h0m0s"
		sending    = "nothing moved for 1s while sending"
		answering  = "no answer within 1h0m0s of the last byte sent"
	)
	after := func(events ...func(*progress)) []func(*progress) {
		return append([]func(*progress){asked, connected}, events...)
	}
	for _, row := range []struct {
		what     string
		events   []func(*progress)
		waits    string
		arrived  bool
		begun    bool
		complete bool
	}{
		{"a connection is asked for", after()[:1], connecting, false, false, false},
		{"connected, and waiting for 100 Continue", after(), answering, false, false, false},
		{"told to continue", after(firstByte, got100, read(1, nil)), sending, true, true, false},
		{"half of the body", after(read(2, nil)), sending, true, true, false},
		{"all of the body", after(read(4, nil)), answering, true, true, true},
		{"the body has ended", after(read(2, nil), read(0, io.EOF)), answering, true, true, true},
		{"the body has failed", after(read(0, os.ErrClosed)), sending, false, true, false},
		{"an answer in the middle of the body", after(read(2, nil), header), answering, true, true, false},
		{"the body moves after the answer", after(read(2, nil), header, read(1, nil)), answering, true, true, false},
		{"another connection", after(read(2, nil), asked), connecting, true, true, false},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			p := newProgress()
			for _, event := range row.events {
				event(p)
			}
			if body := p.state(); body.arrived != row.arrived || body.begun != row.begun || body.complete != row.complete {
				t.Errorf("body %+v", body)
			}
			if err := p.expired(time.Now().Add(2*time.Hour), 0); err == nil || err.Error() != row.waits {
				t.Errorf("ends with %v, want %s", err, row.waits)
			}
		})
	}
}

// TestAnswerIsNotHeldUp by its header, or by a body that goes on moving: the whole
// answer has the time since the last byte that was sent before it.
func TestAnswerIsNotHeldUp(t *testing.T) {
	t.Parallel()
	p := newProgress()
	p.moved = time.Now().Add(-time.Hour)
	header(p)
	read(1, nil)(p)
	if err := p.expired(time.Now(), 0); err == nil {
		t.Error("what moves of the body after the answer counts")
	}
}

// TestRefusedAnnouncement: an answer instead of 100 Continue ends the reading of
// the body before its first byte.
func TestRefusedAnnouncement(t *testing.T) {
	t.Parallel()
	for _, closed := range []bool{true, false} { // not where the attempt timed out
		synctest.Test(t, func(t *testing.T) {
			p := newProgress()
			ctx, cancel := context.WithCancel(t.Context())
			p.ctx = ctx
			firstByte(p)
			read := make(chan bool)
			go func() { read <- p.body.startRead() }()
			header(p)
			if closed {
				_ = p.body.Close()
			}
			time.Sleep(time.Minute) // the body of the answer drips
			cancel()
			if <-read {
				t.Error("the body of a refused request is read")
			}
		})
	}
}

// TestExpired: each phase has its limit, and time in which the process did not
// run does not count.
func TestExpired(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what   string
		event  func(*progress)
		since  time.Duration // the last movement
		paused time.Duration
		want   string
	}{
		{"connecting", asked, 59 * time.Minute, 0, ""},
		{"no connection", asked, time.Hour, 0, "no connection within 1h0m0s"},
		{"sending", read(1, nil), 999 * time.Millisecond, 0, ""},
		{"stalled", read(1, nil), time.Second, 0, "nothing moved for 1s while sending"},
		{"no answer", read(4, nil), time.Hour, 0, "no answer within 1h0m0s of the last byte sent"},
		{"stopped", read(1, nil), time.Hour, time.Hour, ""},
		{"stopped, then stalled", read(1, nil), time.Hour, time.Hour - time.Second, "nothing moved for 1s while sending"},
		{"stopped for longer than since the last movement", read(1, nil), time.Second, time.Hour, ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			p := newProgress()
			row.event(p)
			now := time.Now()
			p.moved = now.Add(-row.since)
			got := ""
			if err := p.expired(now, row.paused); err != nil {
				got = err.Error()
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%v is no timeout", err)
				}
			}
			if got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}
