package commbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/gen"
	"github.com/google/go-cmp/cmp"
)

// post calls an operation that is not known to be repeat-safe: the upload, by
// the generated client, with a body that can be read again.
func post(ctx context.Context, c *commbox.Client, edits ...gen.RequestEditorFn) error {
	const form = "--b\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"offer.pdf\"\r\n" +
		"Content-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n"
	_, err := c.API().UploadMediaWithBodyWithResponse(ctx, "abc==", "multipart/form-data; boundary=b",
		bytes.NewReader([]byte(form)), edits...)
	return err
}

func upload(ctx context.Context, c *commbox.Client, edits ...gen.RequestEditorFn) error {
	_, err := c.UploadMedia(ctx, "abc==", smallPDF(), edits...)
	return err
}

// TestWhatIsTriedAgain is the table of what is tried again, each row with a
// single fault before the server works again.
func TestWhatIsTriedAgain(t *testing.T) {
	t.Parallel()
	seconds := commboxtest.Header("Retry-After", "7")
	tests := map[string]struct {
		fault        commboxtest.Fault
		safe, others bool
		delivered    bool // MaybeDelivered, if it is not tried again
		want         error
	}{
		"connection refused":              {commboxtest.Refuse(), true, true, false, syscall.ECONNREFUSED},
		"429":                             {commboxtest.Status(429), true, true, false, commbox.ErrRateLimited},
		"429 with Retry-After":            {commboxtest.Status(429, seconds), true, true, false, commbox.ErrRateLimited},
		"503 with Retry-After":            {commboxtest.Status(503, seconds), true, true, false, commbox.ErrServer},
		"503":                             {commboxtest.Status(503), true, false, true, commbox.ErrServer},
		"408":                             {commboxtest.Status(408), true, false, true, commbox.ErrServer},
		"500":                             {commboxtest.Status(500), true, false, true, commbox.ErrServer},
		"502":                             {commboxtest.Status(502), true, false, true, commbox.ErrServer},
		"504":                             {commboxtest.Status(504), true, false, true, commbox.ErrServer},
		"reset after the body":            {commboxtest.Reset(1 << 20), true, false, true, nil},
		"lost answer":                     {commboxtest.LostAnswer(), true, false, true, nil},
		"cut answer":                      {commboxtest.Cut(10), true, false, true, commbox.ErrInvalidResponse},
		"200 that is not JSON":            {commboxtest.Answer(200, "application/json", `{"status":"200","da`), true, false, true, commbox.ErrInvalidResponse},
		"200 that is HTML":                {commboxtest.Answer(200, "text/html", "<html>Sign in</html>"), true, false, true, commbox.ErrInvalidResponse},
		"200 whose envelope says 500":     {commboxtest.Answer(200, "application/json", `{"status":500}`), true, false, true, commbox.ErrServer},
		"200 whose envelope says \"429\"": {commboxtest.Answer(200, "application/json", `{"status":"429"}`), true, true, false, commbox.ErrRateLimited},

		"400": {commboxtest.Status(400), false, false, false, commbox.ErrBadRequest},
		"401": {commboxtest.Status(401), false, false, false, commbox.ErrUnauthorized},
		"403": {commboxtest.Status(403), false, false, false, commbox.ErrUnauthorized},
		"404": {commboxtest.Status(404), false, false, false, commbox.ErrNotFound},
		"413": {commboxtest.Status(413), false, false, false, commbox.ErrBadRequest},
		"415": {commboxtest.Status(415), false, false, false, commbox.ErrBadRequest},
		"501": {commboxtest.Status(501), false, false, false, commbox.ErrServer},
		"505": {commboxtest.Status(505), false, false, false, commbox.ErrServer},
		"302": {commboxtest.Status(302, commboxtest.Header("Location", "http://127.0.0.1:1/")), false, false, false, nil},
		"307": {commboxtest.Status(307, commboxtest.Header("Location", "http://127.0.0.1:1/")), false, false, false, nil},
	}
	for name, test := range tests {
		calls := map[string]struct {
			call  func(context.Context, *commbox.Client) error
			again bool
		}{
			"UploadMedia": {func(ctx context.Context, c *commbox.Client) error { return upload(ctx, c) }, test.safe},
			"RepeatSafe":  {func(ctx context.Context, c *commbox.Client) error { return post(ctx, c, commbox.RepeatSafe()) }, test.safe},
			"other POST":  {func(ctx context.Context, c *commbox.Client) error { return post(ctx, c) }, test.others},
		}
		for kind, call := range calls {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				s := newServer(t)
				s.Fail(test.fault)
				c, _ := fakeClient(s)
				err := call.call(t.Context(), c)
				if call.again {
					if err != nil || len(s.Uploads()) != 1 && len(s.Requests()) != 2 || s.Pending() != 0 {
						t.Fatalf("%d requests, error %v; want a second attempt that succeeds", len(s.Requests()), err)
					}
					return
				}
				var e *commbox.Error
				if !errors.As(err, &e) || e.Attempts != 1 || len(s.Requests()) > 1 {
					t.Fatalf("%d requests, error %v; want one attempt and an *Error", len(s.Requests()), err)
				}
				if test.want != nil && !errors.Is(err, test.want) {
					t.Errorf("%v is not %v", err, test.want)
				}
				if e.MaybeDelivered != test.delivered {
					t.Errorf("MaybeDelivered is %v: %v", e.MaybeDelivered, err)
				}
			})
		}
	}
}

func TestAttemptsAndDelays(t *testing.T) {
	t.Parallel()
	ms := func(n ...int) (d []time.Duration) {
		for _, n := range n {
			d = append(d, time.Duration(n)*time.Millisecond)
		}
		return d
	}
	tests := map[string]struct {
		policy commbox.RetryPolicy
		fault  commboxtest.Fault
		slept  []time.Duration
	}{
		"defaults":  {commbox.RetryPolicy{}, commboxtest.Status(503), ms(500, 1000, 2000)},
		"no retry":  {commbox.NoRetry(), commboxtest.Status(503), nil},
		"capped":    {commbox.RetryPolicy{MaxAttempts: 6, BaseDelay: time.Second, MaxDelay: 5 * time.Second}, commboxtest.Status(503), ms(1000, 2000, 4000, 5000, 5000)},
		"told":      {commbox.RetryPolicy{}, commboxtest.Status(503, commboxtest.Header("Retry-After", "45")), ms(45000, 45000, 45000)},
		"told 0":    {commbox.RetryPolicy{}, commboxtest.Status(503, commboxtest.Header("Retry-After", "0")), nil},
		"nonsense":  {commbox.RetryPolicy{}, commboxtest.Status(503, commboxtest.Header("Retry-After", "-5")), ms(500, 1000, 2000)},
		"throttled": {commbox.RetryPolicy{}, commboxtest.Status(429, commboxtest.Header("Retry-After", "8")), ms(9000, 9000, 9000)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(test.fault.Forever())
			c, clock := fakeClient(s, commbox.WithRetry(test.policy))
			err := upload(t.Context(), c)
			var slept []time.Duration
			for _, d := range clock.Slept() {
				slept = append(slept, d.Round(time.Millisecond))
			}
			if diff := cmp.Diff(test.slept, slept); diff != "" {
				t.Errorf("slept (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}

func TestDelayHasFullJitter(t *testing.T) {
	t.Parallel()
	for n, bound := range map[int]time.Duration{1: 500 * time.Millisecond, 2: time.Second, 6: 16 * time.Second, 7: 20 * time.Second, 1000: 20 * time.Second} {
		for _, random := range []float64{0, 0.25, 0.5} {
			if got, want := commbox.RetryDelay(commbox.RetryPolicy{}, n, random), time.Duration(random*float64(bound)); got != want {
				t.Errorf("delay after attempt %d at %v is %v, want %v", n, random, got, want)
			}
		}
	}
}

func TestWaitsThatAreNotBegun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault    commboxtest.Fault
		deadline time.Duration // 0: none
		policy   commbox.RetryPolicy
		after    time.Duration
	}{
		"beyond the deadline":            {commboxtest.Status(503, commboxtest.Header("Retry-After", "45")), 30 * time.Second, commbox.RetryPolicy{}, 45 * time.Second},
		"429 beyond the deadline":        {commboxtest.Status(429, commboxtest.Header("Retry-After", "45")), 30 * time.Second, commbox.RetryPolicy{}, 45 * time.Second},
		"beyond MaxRetryAfter":           {commboxtest.Status(503, commboxtest.Header("Retry-After", "121")), 0, commbox.RetryPolicy{}, 121 * time.Second},
		"429 beyond MaxRetryAfter":       {commboxtest.Status(429, commboxtest.Header("Retry-After", "86400")), 0, commbox.RetryPolicy{}, 24 * time.Hour},
		"beyond a MaxRetryAfter":         {commboxtest.Status(503, commboxtest.Header("Retry-After", "3")), 0, commbox.RetryPolicy{MaxRetryAfter: 2 * time.Second}, 3 * time.Second},
		"a computed delay, the deadline": {commboxtest.Status(500), time.Minute, commbox.RetryPolicy{BaseDelay: time.Hour, MaxDelay: time.Hour}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(test.fault)
			c, clock := fakeClient(s, commbox.WithRetry(test.policy))
			ctx := t.Context()
			if test.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, clock.Now().Add(test.deadline))
				defer cancel()
			}
			err := upload(ctx, c)
			var e *commbox.Error
			if !errors.As(err, &e) || e.StatusCode < 429 || e.RetryAfter != test.after || len(s.Requests()) != 1 {
				t.Fatalf("%d requests, error %#v", len(s.Requests()), err)
			}
			if len(clock.Slept()) != 0 {
				t.Errorf("slept %v", clock.Slept())
			}
		})
	}
}

// TestDeadlineDuringWait checks that the answer is not lost when a wait that
// could have ended in time is interrupted.
func TestDeadlineDuringWait(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(503).Forever())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := newFakeClock()
	c := s.Client().WithClock(f.Now, func(context.Context, time.Duration) { cancel() }, func() float64 { return 1 })
	err := upload(ctx, c)
	var e *commbox.Error
	if !errors.As(err, &e) || !errors.Is(err, context.Canceled) || !errors.Is(err, commbox.ErrServer) || e.StatusCode != 503 {
		t.Fatalf("error %#v", err)
	}
}

// TestLastAnswerSurvivesLaterSilence: the attempts after an answer got none.
func TestLastAnswerSurvivesLaterSilence(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(503, commboxtest.Header("X-Trace", "7")), commboxtest.Refuse().Forever())
	c, _ := fakeClient(s)
	err := upload(t.Context(), c)
	var e *commbox.Error
	if !errors.As(err, &e) || e.StatusCode != 503 || e.Header.Get("X-Trace") != "7" || e.Attempts != 4 ||
		!errors.Is(err, commbox.ErrServer) || !errors.Is(err, syscall.ECONNREFUSED) || !e.MaybeDelivered {
		t.Fatalf("error %#v", err)
	}
}

func TestNotReplayable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file  func() commbox.File
		fault commboxtest.Fault
		want  error // besides ErrNotReplayable; nil: the upload succeeds
	}{
		"plain reader, 503": {
			func() commbox.File { return commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader("%PDF"))) },
			commboxtest.Status(503), commbox.ErrServer,
		},
		"plain reader, reset": {
			func() commbox.File { return commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader("%PDF"))) },
			commboxtest.Reset(1), commbox.ErrNotReplayable,
		},
		"plain reader, nothing sent": {
			func() commbox.File { return commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader("%PDF"))) },
			commboxtest.Refuse(), nil,
		},
		"buffer, 503": {
			func() commbox.File { return commbox.FromReader("a.pdf", bytes.NewBufferString("%PDF")) },
			commboxtest.Status(503), commbox.ErrServer,
		},
		"buffer, nothing sent": {
			func() commbox.File { return commbox.FromReader("a.pdf", bytes.NewBufferString("%PDF")) },
			commboxtest.Refuse(), nil,
		},
		"an Open that fails the second time": {
			func() commbox.File {
				calls := 0
				return commbox.File{Name: "a.pdf", Size: -1, Open: func() (io.ReadCloser, error) {
					if calls++; calls > 1 {
						return nil, syscall.EIO
					}
					return io.NopCloser(strings.NewReader("%PDF")), nil
				}}
			},
			commboxtest.Status(503), syscall.EIO,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(test.fault)
			c, clock := fakeClient(s)
			media, err := c.UploadMedia(t.Context(), "abc", test.file())
			if test.want == nil {
				if err != nil || media.Attempts != 2 || media.Size != 4 {
					t.Fatalf("media %+v, error %v", media, err)
				}
				return
			}
			if !errors.Is(err, commbox.ErrNotReplayable) || !errors.Is(err, test.want) {
				t.Fatalf("error %v", err)
			}
			if name != "an Open that fails the second time" && len(clock.Slept()) != 0 {
				t.Errorf("slept %v before finding out", clock.Slept())
			}
		})
	}
}

// TestOpenOncePerAttempt counts opened and closed files.
func TestOpenOncePerAttempt(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(503), commboxtest.Reset(3), commboxtest.Status(500))
	c, _ := fakeClient(s)
	opened, open := 0, 0
	var sent []int64
	file := commbox.File{Name: "a.pdf", Size: 4, Open: func() (io.ReadCloser, error) {
		opened++
		open++
		if open != 1 {
			t.Errorf("%d files open at once", open)
		}
		return &closeCounter{Reader: strings.NewReader("%PDF"), open: &open}, nil
	}, Progress: func(n, total int64) {
		if total != 4 {
			t.Errorf("progress of %d bytes", total)
		}
		sent = append(sent, n)
	}}
	media, err := c.UploadMedia(t.Context(), "abc", file)
	if err != nil || media.Attempts != 4 || opened != 4 || open != 0 {
		t.Fatalf("media %+v, error %v, opened %d, still open %d", media, err, opened, open)
	}
	if diff := cmp.Diff([]int64{4, 0, 4, 0, 4, 0, 4}, sent); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

type closeCounter struct {
	io.Reader
	open *int
}

func (c *closeCounter) Close() error { *c.open--; return nil }

func TestCallerRules(t *testing.T) {
	t.Parallel()
	faults := map[string]commboxtest.Fault{
		"while sending":              commboxtest.Stall(1 << 20),
		"while waiting for answers":  commboxtest.Stall(8 << 20),
		"while waiting for a repeat": commboxtest.Status(503, commboxtest.Header("Retry-After", "60")),
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(fault.Forever())
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("the shop has closed")
			time.AfterFunc(100*time.Millisecond, func() { cancel(why) })
			start := time.Now()
			_, err := s.Client().UploadMedia(ctx, "abc", commbox.FromBytes("a.pdf", make([]byte, 8<<20)))
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			var e *commbox.Error
			if !errors.As(err, &e) || !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
				t.Fatalf("error %v", err)
			}
		})
	}
}

func TestStalledAttemptsAreRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]commboxtest.Fault{
		"while sending": commboxtest.Stall(1 << 20), "without an answer": commboxtest.Stall(8 << 20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
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

func TestRetryBudget(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(500).Forever())
	c, _ := fakeClient(s)
	const calls = 600
	for range calls {
		if err := upload(t.Context(), c); !errors.Is(err, commbox.ErrServer) {
			t.Fatal(err)
		}
	}
	if extra := len(s.Requests()) - calls; extra != 100 {
		t.Errorf("%d extra requests in an outage, want the budget of 100", extra)
	}
	err := upload(t.Context(), c)
	if !strings.Contains(err.Error(), "too many calls") {
		t.Errorf("the message does not say why there was one attempt: %v", err)
	}
	s.Recover()
	for range 5 {
		if err := upload(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	s.Fail(commboxtest.Status(500).Times(2))
	var e *commbox.Error
	if err := upload(t.Context(), c); !errors.As(err, &e) || e.Attempts != 2 {
		t.Errorf("five successes pay for one retry, not for: %v", err)
	}
}

func TestThrottlingIsShared(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "30")))
	c, clock := fakeClient(s, commbox.WithRetry(commbox.NoRetry()))
	if err := upload(t.Context(), c); !errors.Is(err, commbox.ErrRateLimited) {
		t.Fatal(err)
	}

	ctx, cancel := context.WithDeadline(t.Context(), clock.Now().Add(10*time.Second))
	defer cancel()
	err := upload(ctx, c)
	var e *commbox.Error
	if !errors.As(err, &e) || !errors.Is(err, commbox.ErrRateLimited) || e.RetryAfter != 30*time.Second || e.Attempts != 0 {
		t.Errorf("a call that cannot wait: %#v", err)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests; one was sent while throttled", n)
	}
	if err := upload(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if slept := clock.Slept(); len(slept) != 1 || slept[0] < 30*time.Second || slept[0] > 35*time.Second {
		t.Errorf("slept %v", slept)
	}
}

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		keys     []string // by call of the source; the last one stays
		attempts int
		want     error
	}{
		"a new key after a 401":   {[]string{"old", "new"}, 2, nil},
		"the same key":            {[]string{"old"}, 1, commbox.ErrUnauthorized},
		"another one, refused":    {[]string{"old", "older"}, 2, commbox.ErrUnauthorized},
		"a third one, not tried":  {[]string{"old", "older", "new"}, 2, commbox.ErrUnauthorized},
		"a source that fails now": {[]string{"old", ""}, 1, commbox.ErrUnauthorized},
	}
	for name, test := range tests {
		for kind, call := range map[string]func(context.Context, *commbox.Client, ...gen.RequestEditorFn) error{"upload": upload, "post": post} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				s := newServer(t, commboxtest.WithKey("new"))
				calls := 0
				source := commbox.KeyFunc(func(context.Context) (string, error) {
					calls++
					return test.keys[min(calls, len(test.keys))-1], nil
				})
				c, err := commbox.New(source, commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.HTTPClient()))
				if err != nil {
					t.Fatal(err)
				}
				if err := call(t.Context(), c); !errors.Is(err, test.want) {
					t.Errorf("error %v", err)
				}
				if n := len(s.Requests()); n != test.attempts {
					t.Errorf("%d requests, want %d", n, test.attempts)
				}
			})
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 500e6, time.UTC)
	tests := map[string]struct {
		value, date string
		want        time.Duration
		ok          bool
	}{
		"absent":                    {"", "", 0, false},
		"seconds":                   {"120", "", 2 * time.Minute, true},
		"zero":                      {"0", "", 0, true},
		"spaces":                    {"  5 ", "", 5 * time.Second, true},
		"negative":                  {"-1", "", 0, false},
		"signed":                    {"+5", "", 0, false},
		"fraction":                  {"1.5", "", 0, false},
		"exponent":                  {"1e3", "", 0, false},
		"words":                     {"soon", "", 0, false},
		"a list":                    {"5, 10", "", 0, false},
		"longer than a duration":    {"9223372037", "", 0, false},
		"longer than an int64":      {"99999999999999999999", "", 0, false},
		"a date":                    {"Sun, 01 Mar 2026 12:00:30 GMT", "", 29500 * time.Millisecond, true},
		"a date, by server's clock": {"Sun, 01 Mar 2026 15:00:30 GMT", "Sun, 01 Mar 2026 15:00:00 GMT", 30 * time.Second, true},
		"a date of RFC 850":         {"Sunday, 01-Mar-26 12:00:30 GMT", "Sun, 01 Mar 2026 12:00:00 GMT", 30 * time.Second, true},
		"a date in the past":        {"Sun, 01 Mar 2026 11:00:00 GMT", "", 0, false},
		"a date beyond durations":   {"Sun, 01 Mar 9999 11:00:00 GMT", "", 0, false},
		"a broken date":             {"Sun, 41 Mar 2026 12:00:30 GMT", "", 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			if test.value != "" {
				h.Set("Retry-After", test.value)
			}
			if test.date != "" {
				h.Set("Date", test.date)
			}
			if got, ok := commbox.RetryAfter(h, now); got != test.want || ok != test.ok {
				t.Errorf("Retry-After %q is %v, %v; want %v, %v", test.value, got, ok, test.want, test.ok)
			}
		})
	}
}
