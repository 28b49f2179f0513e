package commbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/gen"
	"github.com/google/go-cmp/cmp"
)

func TestOptionsThatCannotWork(t *testing.T) {
	t.Parallel()
	tests := map[string][]commbox.Option{
		"no scheme":          {commbox.WithBaseURL("api.commbox.io")},
		"another scheme":     {commbox.WithBaseURL("ftp://api.commbox.io/")},
		"no host":            {commbox.WithBaseURL("https:///x")},
		"unparsable":         {commbox.WithBaseURL("https://api.commbox.io:port/")},
		"a user":             {commbox.WithBaseURL("https://u:p@api.commbox.io/")},
		"a query":            {commbox.WithBaseURL("https://api.commbox.io/?a=b")},
		"a fragment":         {commbox.WithBaseURL("https://api.commbox.io/#a")},
		"plain http":         {commbox.WithBaseURL("http://api.commbox.io/")},
		"nearly loopback":    {commbox.WithBaseURL("http://127.0.0.1.example.com/")},
		"stall timeout":      {commbox.WithStallTimeout(0)},
		"response timeout":   {commbox.WithResponseTimeout(-1)},
		"answer limit":       {commbox.WithMaxResponseBytes(0)},
		"attempts":           {commbox.WithRetry(commbox.RetryPolicy{MaxAttempts: -1})},
		"base delay":         {commbox.WithRetry(commbox.RetryPolicy{BaseDelay: -1})},
		"user agent":         {commbox.WithUserAgent("a\r\nb")},
		"two, both reported": {commbox.WithBaseURL("x"), commbox.WithStallTimeout(-time.Second)},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := commbox.New(commbox.APIKey("k"), opts...)
			var e *commbox.Error
			if c != nil || !errors.As(err, &e) || !errors.Is(err, commbox.ErrInvalidInput) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %v", err)
			}
			if len(opts) == 2 && (!strings.Contains(err.Error(), "base URL") || !strings.Contains(err.Error(), "stall timeout")) {
				t.Errorf("one of two is missing: %v", err)
			}
		})
	}
	if _, err := commbox.New(nil); !errors.Is(err, commbox.ErrInvalidInput) {
		t.Errorf("a nil key source: %v", err)
	}
}

func TestBaseURLsThatWork(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"https://api.commbox.io", "https://api.commbox.io/", "http://localhost:1", "http://127.0.0.1:1/", "http://127.9.9.9/", "http://[::1]:8080/v2/"} {
		if _, err := commbox.New(commbox.APIKey("k"), commbox.WithBaseURL(u)); err != nil {
			t.Error(err)
		}
	}
	if _, err := commbox.New(commbox.APIKey("k"), commbox.WithInsecureHTTP(), commbox.WithBaseURL("http://proxy.example/")); err != nil {
		t.Error(err)
	}
}

func TestNewFromEnv(t *testing.T) {
	s := newServer(t)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("  "+s.Key()+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		key, file string
		works     bool
	}{
		"neither": {"", "", false}, "key": {s.Key(), "", true}, "file": {"", file, true}, "key before file": {s.Key(), "/nonexistent", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("COMMBOX_API_KEY", test.key)
			t.Setenv("COMMBOX_API_KEY_FILE", test.file)
			t.Setenv("COMMBOX_BASE_URL", s.URL)
			c, err := commbox.NewFromEnv()
			if !test.works {
				if !errors.Is(err, commbox.ErrInvalidInput) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.UploadMedia(t.Context(), "abc", smallPDF()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestKeyFile follows a secret manager that replaces the file.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "key")
	source := commbox.APIKeyFile(name)
	steps := []struct {
		what, content, want string
		remove              bool
	}{
		{"the first key", "one\n", "one", false},
		{"a key of the same length", "two\n", "two", false},
		{"emptied", "", "two", false},
		{"gone", "", "two", true},
		{"back", " three ", "three", false},
	}
	for _, step := range steps {
		if step.remove {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(name, []byte(step.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := source.Key(t.Context()); err != nil || got != step.want {
			t.Errorf("%s: key %q, error %v; want %q", step.what, got, err, step.want)
		}
	}
}

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
			s := newServer(t)
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

func TestObserver(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(503, commboxtest.Header("Retry-After", "3")), commboxtest.Refuse())
	var seen []commbox.Attempt
	c, _ := fakeClient(s, commbox.WithObserver(func(a commbox.Attempt) { seen = append(seen, a) }))
	if err := upload(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Op, Method     string
		Number, Status int
		Failed, Again  bool
		Sent           bool
		Wait           time.Duration
	}
	var got []row
	for _, a := range seen {
		if a.Duration <= 0 {
			t.Errorf("duration %v", a.Duration)
		}
		got = append(got, row{a.Op, a.Method, a.Number, a.StatusCode, a.Err != nil, a.Again, a.BytesSent > 0, a.Wait.Round(time.Millisecond)})
	}
	want := []row{
		{"upload media", "POST", 1, 503, true, true, true, 3 * time.Second},
		{"upload media", "POST", 2, 0, true, true, false, time.Second},
		{"upload media", "POST", 3, 200, false, false, true, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

func TestShortPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/whatsapp/uploadmedia/hNyRN_fLUy7rrOrN9jLpipA==": "/whatsapp/uploadmedia/hNyR…",
		"/whatsapp/uploadmedia/abc==":                     "/whatsapp/uploadmedia/abc==",
		"/streams/12345678/objects":                       "/streams/1234…/objects",
		"/":                                               "/",
	} {
		if got := commbox.ShortPath(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

// TestCallersTransportThatDoesNotReport: without net/http's word on the
// connection nothing is taken as proof that a POST was not processed.
func TestCallersTransportThatDoesNotReport(t *testing.T) {
	t.Parallel()
	calls := 0
	rt := roundTripper(func(*http.Request) (*http.Response, error) { calls++; return nil, errors.New("lost") })
	c, err := commbox.New(commbox.APIKey("k"), commbox.WithHTTPClient(&http.Client{Transport: rt}))
	if err != nil {
		t.Fatal(err)
	}
	var e *commbox.Error
	if err := post(t.Context(), c); !errors.As(err, &e) || !e.MaybeDelivered || calls != 1 {
		t.Errorf("%d calls, error %v", calls, err)
	}
}

func TestRetryLater(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault commboxtest.Fault
		after time.Duration
		again bool
	}{
		"429":     {commboxtest.Status(429, commboxtest.Header("Retry-After", "600")), 10 * time.Minute, true},
		"503":     {commboxtest.Status(503, commboxtest.Header("Retry-After", "5")), 5 * time.Second, true},
		"500":     {commboxtest.Status(500), 0, true},
		"refused": {commboxtest.Refuse(), 0, true},
		"reset":   {commboxtest.Reset(1), 0, true},
		"400":     {commboxtest.Status(400), 0, false},
		"401":     {commboxtest.Status(401), 0, false},
		"404":     {commboxtest.Status(404), 0, false},
		"no ID":   {commboxtest.Answer(200, "application/json", `{"status":"200"}`), 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(test.fault.Forever())
			c, _ := fakeClient(s)
			after, again := commbox.RetryLater(upload(t.Context(), c))
			if after != test.after || again != test.again {
				t.Errorf("%v, %v; want %v, %v", after, again, test.after, test.again)
			}
		})
	}
	throttled := newServer(t)
	throttled.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "600")))
	c := throttled.Client()
	_ = upload(t.Context(), c)
	if after, again := commbox.RetryLater(upload(t.Context(), c)); !again || after < 9*time.Minute {
		t.Errorf("a call that was not sent because of another's 429: %v, %v", after, again)
	}
	if _, again := commbox.RetryLater(nil); again {
		t.Error("nil is worth another try")
	}
	s := newServer(t)
	if _, err := s.Client().UploadMedia(t.Context(), "..", smallPDF()); err != nil {
		if _, again := commbox.RetryLater(err); again {
			t.Error("unusable input is worth another try")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, again := commbox.RetryLater(upload(ctx, s.Client())); !again {
		t.Error("a cancelled call is not worth another try")
	}
}
