package commbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func opener(content string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
}

// TestFilesOfAnotherSize than they say, around the sizes of the buffers.
func TestFilesOfAnotherSize(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewServer()
	defer s.Close()
	c := s.Client()
	for _, size := range []int{1, 511, 512, 513, 12<<10 - 1, 12 << 10, 12<<10 + 1, 40 << 10} {
		content := strings.Repeat("x", size)
		for _, says := range []int{0, size - 1, size + 1} {
			for _, progress := range []func(int64, int64){nil, func(int64, int64) {}} {
				file := commbox.File{Name: "a.pdf", Size: int64(says), Open: opener(content), Progress: progress}
				if _, err := c.UploadMedia(t.Context(), "abc", file); !errors.Is(err, commbox.ErrInvalidInput) {
					t.Errorf("%d bytes that say they are %d: %v", size, says, err)
				}
			}
		}
		if _, err := c.UploadMedia(t.Context(), "abc", commbox.File{Name: "a.pdf", Size: int64(size), Open: opener(content)}); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// TestReadersOfAllKinds: those that io.Reader allows, and one that it does not.
func TestReadersOfAllKinds(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	content := strings.Repeat("%PDF-1.7", 3000)
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"one byte at a time":  iotest.OneByteReader,
		"data with EOF":       iotest.DataErrReader,
		"half of what it may": iotest.HalfReader,
	} {
		for _, size := range []int64{-1, int64(len(content))} {
			file := commbox.FromReader("a.pdf", wrap(strings.NewReader(content)))
			file.Size = size
			media, err := s.Client().UploadMedia(t.Context(), "abc", file)
			if err != nil || media.Size != int64(len(content)) {
				t.Errorf("%s, size %d: media %+v, error %v", name, size, media, err)
			}
		}
	}
	for _, size := range []int64{-1, 100, 5000, 100_000} {
		file := commbox.File{Name: "a.pdf", Size: size, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("%PDF"), idle{})), nil
		}}
		if _, err := s.Client().UploadMedia(t.Context(), "abc", file); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("a reader that yields nothing, size %d: %v", size, err)
		}
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestOpenReturnsNothing is a mistake of the caller's that must not crash.
func TestOpenReturnsNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	file := commbox.File{Name: "a.pdf", Open: func() (io.ReadCloser, error) { return nil, nil }}
	if _, err := s.Client().UploadMedia(t.Context(), "abc", file); !errors.Is(err, commbox.ErrInvalidInput) {
		t.Errorf("error %v", err)
	}
}

// TestEnvelopeIsNotHTTP: a status in the envelope has no meaning for the
// connection.
func TestEnvelopeIsNotHTTP(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Answer(200, "application/json", `{"status":417}`).Forever())
	c, _ := fakeClient(s)
	_, err := c.UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", make([]byte, 1<<20+1)))
	if !errors.Is(err, commbox.ErrBadRequest) || len(s.Requests()) != 1 {
		t.Errorf("%d requests, error %v", len(s.Requests()), err)
	}
}

// TestCallsWithinCalls: what is known of an upload does not reach a call that
// a key source, or an edit, makes with the upload's context.
func TestCallsWithinCalls(t *testing.T) {
	t.Parallel()
	keys, s := newServer(t), newServer(t)
	keys.Fail(commboxtest.Status(500).Times(2))
	inner, _ := fakeClient(keys)
	nested := func(ctx context.Context) { _ = post(ctx, inner) }
	c, err := commbox.New(commbox.KeyFunc(func(ctx context.Context) (string, error) { nested(ctx); return s.Key(), nil }),
		commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	err = upload(t.Context(), c, commbox.RepeatSafe(), func(ctx context.Context, _ *http.Request) error { nested(ctx); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if n := len(keys.Requests()); n != 2 { // neither was repeated
		t.Errorf("%d requests of the calls within", n)
	}
	if up := s.Uploads(); len(up) != 1 || up[0].FileName != "offer.pdf" || len(keys.Uploads()) != 0 {
		t.Errorf("uploads %+v and %+v", up, keys.Uploads())
	}
}

// TestEditsThatGoTooFar end in an upload or an error, never in a panic or a
// second attempt.
func TestEditsThatGoTooFar(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit  func(*http.Request)
		works bool
	}{
		"another context": {func(r *http.Request) { *r = *r.WithContext(context.Background()) }, true},
		"another body":    {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("mine")) }, true},
		"another scheme":  {func(r *http.Request) { r.URL.Scheme = "ftp" }, false},
		"a bad method":    {func(r *http.Request) { r.Method = "BAD METHOD" }, false},
		"a bad header":    {func(r *http.Request) { r.Header["a b"] = []string{"c"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			err := upload(t.Context(), s.Client(), func(_ context.Context, r *http.Request) error { test.edit(r); return nil })
			if test.works && err != nil || !test.works && !errors.Is(err, commbox.ErrInvalidInput) {
				t.Errorf("error %v", err)
			}
			if n := len(s.Requests()); test.works != (n == 1) {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestObserverMayKeepErrors: what it was told does not change afterwards.
func TestObserverMayKeepErrors(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(503), commboxtest.LostAnswer().Forever())
	var told, texts []string
	var errs []error
	c, _ := fakeClient(s, commbox.WithObserver(func(a commbox.Attempt) {
		errs, told = append(errs, a.Err), append(told, a.Err.Error())
	}))
	_ = upload(t.Context(), c)
	for _, err := range errs {
		texts = append(texts, err.Error())
	}
	if fmt.Sprint(told) != fmt.Sprint(texts) {
		t.Errorf("%q became %q", told, texts)
	}
}

// TestObserverIsNotPromisedAttempts that do not follow.
func TestObserverIsNotPromisedAttempts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(503))
	again := false
	c, _ := fakeClient(s, commbox.WithObserver(func(a commbox.Attempt) { again = again || a.Again }))
	_, err := c.UploadMedia(t.Context(), "abc", commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader("%PDF"))))
	if !errors.Is(err, commbox.ErrNotReplayable) || again {
		t.Errorf("again %v, error %v", again, err)
	}
}

// TestTransportsThatAreNotHTTPs: what tests of callers use.
func TestTransportsThatAreNotHTTPs(t *testing.T) {
	t.Parallel()
	const answer = `{"status":"200","data":[{"filename":"a.pdf","id":"1"}]}`
	for name, make := range map[string]func() *http.Response{
		"no length": func() *http.Response {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer))}
		},
		"no header": func() *http.Response {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: -1}
		},
		"a huge length": func() *http.Response {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: 9e18}
		},
	} {
		calls := 0
		rt := roundTripper(func(r *http.Request) (*http.Response, error) {
			calls++
			_, _ = io.Copy(io.Discard, r.Body)
			time.Sleep(50 * time.Millisecond)
			return make(), nil
		})
		c, err := commbox.New(commbox.APIKey("k"), commbox.WithHTTPClient(&http.Client{Transport: rt}),
			commbox.WithMaxResponseBytes(1<<63-1), commbox.WithStallTimeout(10*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{10, 100 << 10} {
			calls = 0
			media, err := c.UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", bytes.Repeat([]byte("x"), size)))
			if err != nil || media.ID != "1" || calls != 1 {
				t.Errorf("%s, %d bytes: %d calls, media %+v, error %v", name, size, calls, media, err)
			}
		}
	}
}

// TestRedirectsToNowhere have the status of the redirect.
func TestRedirectsToNowhere(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"http://[::1", "/%zz", ":"} {
		s := newServer(t)
		s.Fail(commboxtest.Status(307, commboxtest.Header("Location", location)))
		err := upload(t.Context(), s.Client())
		var e *commbox.Error
		if !errors.As(err, &e) || e.StatusCode != 307 || len(s.Requests()) != 1 {
			t.Errorf("%s: %d requests, error %v", location, len(s.Requests()), err)
		}
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

// TestSpentReader is no matter of time.
func TestSpentReader(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	file := commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader("%PDF")))
	if _, err := s.Client().UploadMedia(t.Context(), "abc", file); err != nil {
		t.Fatal(err)
	}
	_, err := s.Client().UploadMedia(t.Context(), "abc", file)
	if _, again := commbox.RetryLater(err); again || !errors.Is(err, commbox.ErrInvalidInput) {
		t.Errorf("error %v, again %v", err, again)
	}
}

// TestPanicsAreTheCallers: they can be recovered where the call was made.
func TestPanicsAreTheCallers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.Client()
	for name, call := range map[string]func(){
		"Open": func() {
			_, _ = c.UploadMedia(t.Context(), "abc", commbox.File{Name: "a", Open: func() (io.ReadCloser, error) { panic("mine") }})
		},
		"the sequence": func() {
			for range c.UploadAll(t.Context(), "abc", func(func(commbox.File) bool) { panic("mine") }, 4) {
				t.Error("a result")
			}
		},
	} {
		func() {
			defer func() {
				if p := recover(); p != "mine" {
					t.Errorf("%s: recovered %v", name, p)
				}
			}()
			call()
		}()
	}
}

// TestUploadAllYieldsWhileTheSequenceWaits for a result, also for a refused one.
func TestUploadAllYieldsWhileTheSequenceWaits(t *testing.T) {
	t.Parallel()
	s := newServer(t, commboxtest.WithKey("another"))
	c, err := commbox.New(commbox.APIKey("revoked"), commbox.WithBaseURL(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan struct{})
	files := func(yield func(commbox.File) bool) {
		if yield(smallPDF()) {
			<-seen
		}
	}
	for r := range c.UploadAll(t.Context(), "abc", files, 2) {
		if !errors.Is(r.Err, commbox.ErrUnauthorized) {
			t.Error(r.Err)
		}
		close(seen)
	}
}
