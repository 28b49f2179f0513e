package delivery

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// newProgress is that of an announced request with a body of 4 bytes.
func newProgress() *progress {
	p := &progress{
		limits:  [3]time.Duration{connecting: time.Minute, sending: time.Second, answering: time.Hour},
		length:  4,
		hasBody: true, announced: true, moved: time.Now(),
	}
	p.wake.L = &p.mu
	p.track(io.NopCloser(strings.NewReader("body")), false)
	return p
}

// TestProgress has the transitions of an attempt: after these events it is in
// this phase, and knows this.
func TestProgress(t *testing.T) {
	t.Parallel()
	read := func(n int, err error) func(*progress) {
		return func(p *progress) {
			if p.startRead(p.body) {
				p.endRead(p.body, n, err)
			}
		}
	}
	connected := []func(*progress){(*progress).connRequested, (*progress).connReady}
	after := func(events ...func(*progress)) []func(*progress) { return append(connected[:2:2], events...) }
	answer := func(p *progress) { p.answered(503) }
	for _, row := range []struct {
		what      string
		events    []func(*progress)
		phase     phase
		began     bool
		untouched bool
		bodySent  bool
	}{
		{"nothing yet", nil, connecting, false, true, false},
		{"a connection is asked for", connected[:1], connecting, false, true, false},
		{"connected", connected, sending, false, true, false},
		{"waiting for 100 Continue", after((*progress).waiting100), answering, false, true, false},
		{"told to continue", after((*progress).waiting100, (*progress).got100, read(1, nil)), sending, true, false, false},
		{"half of the body", after(read(2, nil)), sending, true, false, false},
		{"all of the body", after(read(4, nil)), answering, true, false, true},
		{"the body has ended", after(read(2, nil), read(0, io.EOF)), answering, true, false, true},
		{"the body has failed", after(read(0, os.ErrClosed)), sending, false, false, false},
		{"an answer in the middle of the body", after(read(2, nil), answer), answering, true, false, false},
		{"the body moves after the answer", after(read(2, nil), answer, read(1, nil)), answering, true, false, false},
		{"another connection", after(read(2, nil), (*progress).connRequested), connecting, true, false, false},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			p := newProgress()
			for _, event := range row.events {
				event(p)
			}
			_, began := p.sent()
			if p.phase != row.phase || began != row.began || p.untouched() != row.untouched || p.bodySent() != row.bodySent {
				t.Errorf("phase %d, began %v, untouched %v, body sent %v", p.phase, began, p.untouched(), p.bodySent())
			}
		})
	}
}

// TestRefusedAnnouncement: an answer instead of 100 Continue ends the reading of
// the body before its first byte.
func TestRefusedAnnouncement(t *testing.T) {
	t.Parallel()
	p := newProgress()
	p.waiting100()
	p.gotFirstByte()
	read := make(chan bool)
	go func() { read <- p.startRead(p.body) }()
	p.answered(417)
	if !p.announcementRefused() {
		t.Error("a 417 is not seen as the refusal of the announcement")
	}
	_ = p.body.Close()
	if <-read {
		t.Error("the body of a refused request is read")
	}
}

func TestInterimAnswersAreBounded(t *testing.T) {
	t.Parallel()
	p := newProgress()
	for range maxInterim {
		if err := p.gotInterim(); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.gotInterim(); !errors.Is(err, errInterim) {
		t.Errorf("error %v", err)
	}
}

// TestExpired: each phase has its limit, and time in which the process did not
// run does not count.
func TestExpired(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what   string
		phase  phase
		since  time.Duration // the last movement
		paused time.Duration
		want   string
	}{
		{"connecting", connecting, 59 * time.Second, 0, ""},
		{"no connection", connecting, time.Minute, 0, "no connection within 1m0s"},
		{"sending", sending, 999 * time.Millisecond, 0, ""},
		{"stalled", sending, time.Second, 0, "nothing moved for 1s while sending"},
		{"no answer", answering, time.Hour, 0, "no answer within 1h0m0s of the last byte sent"},
		{"stopped", sending, time.Hour, time.Hour, ""},
		{"stopped, then stalled", sending, time.Hour, time.Hour - time.Second, "nothing moved for 1s while sending"},
		{"stopped for longer than since the last movement", sending, time.Second, time.Hour, ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			p := newProgress()
			now := time.Now()
			p.phase, p.moved = row.phase, now.Add(-row.since)
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
