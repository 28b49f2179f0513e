package delivery

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func answer(status int, header http.Header) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader("{}")), ContentLength: 2}
}

// newClient has a transport of its own, and waits for nothing.
func newClient(to transport) *Client {
	return New(Config{
		HTTP:      http.Client{Transport: to},
		Key:       func(context.Context) (string, error) { return "key", nil },
		Authorize: func(http.Header, string) {},
		Policy:    defaults, StallTimeout: time.Hour, ResponseTimeout: time.Hour, MaxResponse: 1 << 20,
		Clock: Clock{Now: time.Now, Sleep: func(context.Context, time.Duration) {}, Random: rand.Float64},
	})
}

func get(ctx context.Context, c *Client) (Result, *Failure) {
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/", nil) // the URL is good
	return c.Do(Call{Request: req, RepeatSafe: true})
}

// TestTimeoutOfTheHTTPClient ends an attempt, not the call.
func TestTimeoutOfTheHTTPClient(t *testing.T) {
	t.Parallel()
	var causes []error
	c := newClient(func(req *http.Request) (*http.Response, error) {
		if len(causes) == 1 {
			return answer(200, nil), nil
		}
		<-req.Context().Done()
		causes = append(causes, context.Cause(req.Context()))
		return nil, req.Context().Err()
	})
	c.HTTP.Timeout = time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // without the Timeout
	defer cancel()
	result, f := get(ctx, c)
	if f != nil || result.Attempts != 2 {
		t.Fatalf("result %+v, failure %+v", result, f)
	}
	if got := causes[0].Error(); got != "the Timeout of the http.Client is over" {
		t.Errorf("the attempt ended with %q", got)
	}
}

// TestCookies: each attempt sends what the jar has, and the jar gets what each
// answer sets.
func TestCookies(t *testing.T) {
	t.Parallel()
	var sent []string
	c := newClient(func(req *http.Request) (*http.Response, error) {
		sent = append(sent, req.Header.Get("Cookie"))
		return answer([]int{503, 200, 200}[len(sent)-1], http.Header{"Set-Cookie": {"session=" + string('0'+rune(len(sent)))}}), nil
	})
	c.HTTP.Jar, _ = cookiejar.New(nil)
	for range 2 {
		if _, f := get(t.Context(), c); f != nil {
			t.Fatal(f.Err)
		}
	}
	if got := strings.Join(sent, ", "); got != ", session=1, session=2" {
		t.Errorf("cookies sent: %s", got)
	}
}

// TestAnswerAtItsLimit: the answer has 2 bytes, and one more than the limit is
// too much.
func TestAnswerAtItsLimit(t *testing.T) {
	t.Parallel()
	for limit, fits := range map[int64]bool{1: false, 2: true} {
		c := newClient(func(*http.Request) (*http.Response, error) { return answer(200, nil), nil })
		c.MaxResponse = limit
		if _, f := get(t.Context(), c); (f == nil) != fits || f != nil && (f.Kind != Useless || len(f.Answer.Payload) != 1) {
			t.Errorf("at most %d bytes: failure %+v", limit, f)
		}
	}
}

// TestBodyInUse: a transport that begins again, as HTTP/2's does, gets no second
// body while it is still reading the first, which may have the same source.
func TestBodyInUse(t *testing.T) {
	t.Parallel()
	source := &slowly{begun: make(chan struct{}, 2)}
	c := newClient(func(req *http.Request) (*http.Response, error) {
		go func() { _, _ = req.Body.Read(nil) }()
		<-source.begun
		body, err := req.GetBody()
		if err == nil {
			_, err = body.Read(nil)
		}
		return nil, err
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", io.NopCloser(source))
	if err != nil {
		t.Fatal(err)
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(source), nil }
	c.Do(Call{Request: req})
	if n := source.most.Load(); n != 1 {
		t.Errorf("read %d times at once", n)
	}
}

// slowly is a source that counts how often it is read at once.
type slowly struct {
	begun     chan struct{}
	now, most atomic.Int64
}

func (s *slowly) Read([]byte) (int, error) {
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	defer s.now.Add(-1)
	s.begun <- struct{}{}
	time.Sleep(50 * time.Millisecond)
	return 0, io.ErrUnexpectedEOF
}
