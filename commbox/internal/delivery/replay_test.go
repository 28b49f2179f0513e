package delivery

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// slowBody has a Read that is under way until it is told to end.
type slowBody struct {
	reading, end chan struct{}
	closed       atomic.Bool
}

func (b *slowBody) Read([]byte) (int, error) {
	close(b.reading)
	<-b.end
	return 0, io.EOF
}

func (b *slowBody) Close() error { b.closed.Store(true); return nil }

// TestBodyIsNotReadTwiceAtOnce: the next attempt opens a body only when that of the
// attempt before is no longer read, and closed.
func TestBodyIsNotReadTwiceAtOnce(t *testing.T) {
	t.Parallel()
	first := &slowBody{reading: make(chan struct{}), end: make(chan struct{})}
	attempts := 0
	c := newClient(func(req *http.Request) (*http.Response, error) {
		if attempts++; attempts > 1 {
			_, err := io.Copy(io.Discard, req.Body)
			return answer(200, nil), err
		}
		go func() { _, _ = req.Body.Read(make([]byte, 1)) }()
		<-first.reading
		return answer(503, nil), nil
	})
	end := sync.OnceFunc(func() { close(first.end) })
	c.Clock.Random = func() float64 { return 0 } // no delay
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://127.0.0.1/", first)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 1 << 20
	req.GetBody = func() (io.ReadCloser, error) {
		if !first.closed.Load() {
			t.Error("the body is opened again while it is being read")
		}
		return http.NoBody, nil
	}
	observe := func(Attempt) { time.AfterFunc(10*time.Millisecond, end) }
	if result, f := c.Do(Call{Request: req, RepeatSafe: true, Observe: observe}); f != nil || result.Attempts != 2 {
		t.Errorf("result %+v, failure %+v", result, f)
	}
}

// TestBodyIsClosed after each attempt, also where a RoundTripper does not.
func TestBodyIsClosed(t *testing.T) {
	t.Parallel()
	c := newClient(func(*http.Request) (*http.Response, error) { return answer(503, nil), nil })
	var bodies []*slowBody
	open := func() (io.ReadCloser, error) {
		bodies = append(bodies, &slowBody{})
		return bodies[len(bodies)-1], nil
	}
	first, _ := open()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://127.0.0.1/", first)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength, req.GetBody = 1<<20, open
	if _, f := c.Do(Call{Request: req, RepeatSafe: true}); f == nil || len(bodies) != 4 {
		t.Errorf("%d bodies, failure %+v", len(bodies), f)
	}
	for i, body := range bodies {
		if !body.closed.Load() {
			t.Errorf("the body of attempt %d is not closed", i+1)
		}
	}
}
