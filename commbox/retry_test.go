package commbox_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/google/go-cmp/cmp"
)

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
		"200 that is not JSON":            {commboxtest.Answer(200, "application/json", `{"status":"200","da`), false, false, true, commbox.ErrInvalidResponse},
		"200 that is HTML":                {commboxtest.Answer(200, "text/html", "<html>Sign in</html>"), false, false, true, commbox.ErrInvalidResponse},
		"200 whose envelope says 500":     {commboxtest.Answer(200, "application/json", `{"status":500}`), true, false, true, commbox.ErrServer},
		"200 whose envelope says \"429\"": {commboxtest.Answer(200, "application/json", `{"status":"429"}`), true, true, false, commbox.ErrRateLimited},
		"200 whose envelope says 4.29e2":  {commboxtest.Answer(200, "application/json", `{"status":4.29e2}`), true, true, false, commbox.ErrRateLimited},

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
				s := commboxtest.New(t)
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
		"defaults":  {commbox.RetryPolicy{}, commboxtest.Status(503), ms(50, 100, 200)},
		"no retry":  {commbox.NoRetry(), commboxtest.Status(503), nil},
		"capped":    {commbox.RetryPolicy{MaxAttempts: 6, BaseDelay: time.Second, MaxDelay: 5 * time.Second}, commboxtest.Status(503), ms(1000, 2000, 4000, 5000, 5000)},
		"told":      {commbox.RetryPolicy{}, commboxtest.Status(503, commboxtest.Header("Retry-After", "45")), ms(45000, 45000, 45000)},
		"told 0":    {commbox.RetryPolicy{}, commboxtest.Status(503, commboxtest.Header("Retry-After", "0")), nil},
		"nonsense":  {commbox.RetryPolicy{}, commboxtest.Status(503, commboxtest.Header("Retry-After", "-5")), ms(50, 100, 200)},
		"throttled": {commbox.RetryPolicy{}, commboxtest.Status(429, commboxtest.Header("Retry-After", "8")), ms(9000, 9000, 9000)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			s.Fail(test.fault.Forever())
			c, clock := fakeClient(s, commbox.WithRetry(test.policy))
			err := upload(t.Context(), c)
			var slept []time.Duration
			for _, d := range clock.Waited() {
				slept = append(slept, d.Round(time.Millisecond))
			}
			if diff := cmp.Diff(test.slept, slept); diff != "" {
				t.Errorf("slept (-want +got):\n%s\n%v", diff, err)
			}
		})
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
			s := commboxtest.New(t)
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
			if len(clock.Waited()) != 0 {
				t.Errorf("slept %v", clock.Waited())
			}
		})
	}
}
