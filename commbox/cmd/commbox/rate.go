package main

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/commbox-go/client/commbox"
)

// rate is a number of bytes per second; 0: no limit.
type rate int64

func (r *rate) Type() string { return "RATE" }

func (r *rate) String() string {
	if *r == 0 {
		return ""
	}
	return sizeText(int64(*r)) + "/s"
}

// Set reads 1000, 500K, 2M, 1.5MiB: a step is 1024, as in what is printed.
func (r *rate) Set(s string) error {
	digits := strings.TrimRight(strings.ToUpper(s), "IBKMG")
	unit := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(s[len(digits):]), "B"), "I")
	step := map[string]float64{"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}[unit]
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || step == 0 || !(n*step >= 1 && n*step < math.MaxInt64) {
		return errors.New("want bytes per second, such as 500K or 2M")
	}
	*r = rate(n * step)
	return nil
}

// slowed is commbox's own http.Client, which sends at most r bytes of bodies per
// second in all.
func (r rate) slowed() *http.Client {
	return &http.Client{Transport: &throttle{next: commbox.NewTransport(), rate: r}}
}

type throttle struct {
	next http.RoundTripper
	rate rate
	mu   sync.Mutex
	free time.Time // when the next byte may leave
}

func (t *throttle) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req = req.Clone(req.Context())
		req.Body = slowBody{req.Body, t, req.Context()}
	}
	return t.next.RoundTrip(req)
}

// take waits for the turn of n bytes.
func (t *throttle) take(ctx context.Context, n int) error {
	t.mu.Lock()
	now := time.Now()
	if t.free.Before(now) {
		t.free = now
	}
	wait := t.free.Sub(now)
	t.free = t.free.Add(time.Duration(float64(n) / float64(t.rate) * float64(time.Second)))
	t.mu.Unlock()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(wait):
		return nil
	}
}

type slowBody struct {
	io.ReadCloser
	to  *throttle
	ctx context.Context
}

func (b slowBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), max(int(b.to.rate)/10, 1))])
	if waited := b.to.take(b.ctx, n); waited != nil {
		return n, waited
	}
	return n, err
}
