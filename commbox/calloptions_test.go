package commbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/gen"
)

// TestEditsThatFail: nothing is sent, and the file is closed.
func TestEditsThatFail(t *testing.T) {
	t.Parallel()
	mine := errors.New("not today")
	for name, test := range map[string]struct {
		edit gen.RequestEditorFn
		want error
	}{
		"its own error":   {func(context.Context, *http.Request) error { return mine }, mine},
		"a header's name": {commbox.Header("X Y", "z"), commbox.ErrInvalidInput},
		"no name":         {commbox.Header("", "z"), commbox.ErrInvalidInput},
		"a line break":    {commbox.Header("X", "a\r\nY: b"), commbox.ErrInvalidInput},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			open := 0
			for _, size := range []int{10, 1 << 20} {
				file := commbox.File{Name: "a.pdf", Size: int64(size), Open: func() (io.ReadCloser, error) {
					open++
					return &closeCounter{Reader: strings.NewReader(strings.Repeat("x", size)), open: &open}, nil
				}}
				_, err := s.Client().UploadMedia(t.Context(), "abc", file, test.edit)
				var e *commbox.Error
				if !errors.As(err, &e) || !errors.Is(err, test.want) || len(s.Requests()) != 0 || open != 0 {
					t.Errorf("%d requests, %d open files, error %v", len(s.Requests()), open, err)
				}
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	if _, err := s.Client().UploadMedia(t.Context(), "abc", smallPDF(), commbox.Header("X-Request-ID", "7")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Client(commbox.WithUserAgent("shop/2.1")).UploadMedia(t.Context(), "abc", smallPDF()); err != nil {
		t.Fatal(err)
	}
	first, second := s.Requests()[0], s.Requests()[1]
	for header, want := range map[string]string{"Accept": "application/json", "X-Request-Id": "7"} {
		if got := first.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if got := first.Header.Get("User-Agent"); !strings.HasPrefix(got, "commbox-go/") {
		t.Errorf("User-Agent: %q", got)
	}
	if got := second.Header.Get("User-Agent"); got != "shop/2.1" {
		t.Errorf("User-Agent: %q", got)
	}
}

// TestCallsWithinCalls: what is known of an upload does not reach a call that
// a key source, or an edit, makes with the upload's context.
func TestCallsWithinCalls(t *testing.T) {
	t.Parallel()
	keys, s := commboxtest.New(t), commboxtest.New(t)
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
			s := commboxtest.New(t)
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

// TestOptionsOfOneCall: another number of attempts and another credential hold
// for the call that brings them, and for no other.
func TestOptionsOfOneCall(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(503).Times(3))
	c, _ := fakeClient(s)
	var e *commbox.Error
	if err := upload(t.Context(), c, commbox.Attempts(1)); !errors.As(err, &e) || e.Attempts != 1 {
		t.Errorf("one attempt: %v", err)
	}
	if err := post(t.Context(), c, commbox.RepeatSafe(), commbox.Attempts(2)); !errors.As(err, &e) || e.Attempts != 2 {
		t.Errorf("two attempts: %v", err)
	}
	other := commbox.KeyFunc(func(context.Context) (string, error) { return "another-key", nil })
	if err := upload(t.Context(), c, commbox.Key(other), nil); err == nil || !errors.Is(err, commbox.ErrUnauthorized) {
		t.Errorf("a key that the server does not know: %v", err)
	}
	if err := upload(t.Context(), c); err != nil {
		t.Errorf("the call after it: %v", err)
	}
	for name, opt := range map[string]commbox.RequestOption{"no attempt": commbox.Attempts(0), "no key": commbox.Key(nil)} {
		if err := upload(t.Context(), c, opt); !errors.Is(err, commbox.ErrInvalidInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
