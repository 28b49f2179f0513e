package added_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/gen"
)

// operation is one that retries are tried with.
type operation struct {
	name string
	safe bool // may be repeated
	call func(context.Context, *testing.T, *gen.ClientWithResponses) error
}

func operations() []operation {
	send := func(ctx context.Context, api *gen.ClientWithResponses, edits ...gen.RequestEditorFn) error {
		_, err := api.SendAnAnnouncementWithResponse(ctx, "abc", gen.Announcement{Recipients: []string{}}, edits...)
		return err
	}
	attach := func(ctx context.Context, t *testing.T, api *gen.ClientWithResponses, edits ...gen.RequestEditorFn) error {
		contentType, body := form(t, nil)
		_, err := api.AddDossierAttachmentWithBodyWithResponse(ctx, 1, nil, contentType, body, edits...)
		return err
	}
	return []operation{
		{"GET", true, func(ctx context.Context, _ *testing.T, api *gen.ClientWithResponses) error {
			_, err := api.GetAVisitorWithResponse(ctx, 1)
			return err
		}},
		{"PUT", true, func(ctx context.Context, _ *testing.T, api *gen.ClientWithResponses) error {
			_, err := api.UpdateAVisitorWithResponse(ctx, 1, gen.Visitor{Name: "Dana"})
			return err
		}},
		{"DELETE", true, func(ctx context.Context, _ *testing.T, api *gen.ClientWithResponses) error {
			_, err := api.DeleteAVisitorWithResponse(ctx, 1)
			return err
		}},
		{"POST JSON", false, func(ctx context.Context, _ *testing.T, api *gen.ClientWithResponses) error { return send(ctx, api) }},
		{"POST multipart", false, func(ctx context.Context, t *testing.T, api *gen.ClientWithResponses) error {
			return attach(ctx, t, api)
		}},
		{"POST JSON, RepeatSafe", true, func(ctx context.Context, _ *testing.T, api *gen.ClientWithResponses) error {
			return send(ctx, api, commbox.RepeatSafe())
		}},
		{"POST multipart, RepeatSafe", true, func(ctx context.Context, t *testing.T, api *gen.ClientWithResponses) error {
			return attach(ctx, t, api, commbox.RepeatSafe())
		}},
	}
}

// TestAddedRetries is the table of what is tried again, with the operations of the
// pages in its columns.
func TestAddedRetries(t *testing.T) {
	t.Parallel()
	const never, ifSafe, always = 0, 1, 2
	now := commboxtest.Header("Retry-After", "0")
	tests := []struct {
		name  string
		fault commboxtest.Fault
		again int
		maybe bool // it may have been processed
		kind  error
	}{
		{"refused", commboxtest.Refuse(), always, false, nil},
		{"429", commboxtest.Status(429), always, false, commbox.ErrRateLimited},
		{"429, Retry-After", commboxtest.Status(429, now), always, false, commbox.ErrRateLimited},
		{"503, Retry-After", commboxtest.Status(503, now), always, false, commbox.ErrServer},
		{"408", commboxtest.Status(408), ifSafe, true, commbox.ErrServer},
		{"500", commboxtest.Status(500), ifSafe, true, commbox.ErrServer},
		{"500, empty", commboxtest.Status(500, commboxtest.Empty()), ifSafe, true, commbox.ErrServer},
		{"502", commboxtest.Status(502), ifSafe, true, commbox.ErrServer},
		{"503", commboxtest.Status(503), ifSafe, true, commbox.ErrServer},
		{"504", commboxtest.Status(504), ifSafe, true, commbox.ErrServer},
		{"answer lost", commboxtest.LostAnswer(), ifSafe, true, nil},
		{"answer cut", commboxtest.Status(200, commboxtest.Body(applicationJSON, `{"status":200}`), commboxtest.CutAfter(5)), ifSafe, true, commbox.ErrInvalidResponse},
		{"answer garbled", commboxtest.Answer(200, applicationJSON, `{"status":"2`), never, true, commbox.ErrInvalidResponse},
		{"answer empty", commboxtest.Answer(200, applicationJSON, ``), never, true, commbox.ErrInvalidResponse},
		{"stall", commboxtest.Stall(1 << 30), ifSafe, true, nil},
		{"200 that says 500", commboxtest.Answer(200, applicationJSON, `{"status":"500"}`), ifSafe, true, commbox.ErrServer},
		{"400", commboxtest.Status(400), never, false, commbox.ErrBadRequest},
		{"401", commboxtest.Status(401), never, false, commbox.ErrUnauthorized},
		{"404", commboxtest.Status(404), never, false, commbox.ErrNotFound},
		{"409", commboxtest.Status(409), never, false, commbox.ErrBadRequest},
		{"501", commboxtest.Status(501), never, false, commbox.ErrServer},
		{"302", commboxtest.Status(302, commboxtest.Header("Location", "/elsewhere")), never, false, nil},
	}
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			for _, test := range tests {
				t.Run(test.name, func(t *testing.T) {
					s.Fail(test.fault)
					attempts := 0
					least, most, patience := 2, 2, time.Minute
					switch {
					case test.name == "stall":
						most, patience = 4, 700*time.Millisecond // a busy machine may take as long
					case test.name == "answer lost" && op.name == "GET":
						least = 1 // net/http itself repeats a GET on a connection that had been open before
					}
					client := quick(s, commbox.WithObserver(func(commbox.Attempt) { attempts++ }), commbox.WithResponseTimeout(patience))
					err := op.call(t.Context(), t, client.API())
					if s.Pending() != 0 {
						t.Error("the fault did not happen")
					}
					if test.again == always || test.again == ifSafe && op.safe {
						if err != nil || attempts < least || attempts > most {
							t.Errorf("%d attempts, error %v", attempts, err)
						}
						return
					}
					var e *commbox.Error
					if !errors.As(err, &e) || e.Attempts != 1 || attempts != 1 || e.MaybeDelivered != test.maybe {
						t.Fatalf("%d attempts, error %+v", attempts, err)
					}
					if test.kind != nil && !errors.Is(err, test.kind) {
						t.Errorf("it is no %v: %v", test.kind, err)
					}
				})
			}
		})
	}
}

// TestAddedOutage: the attempts end, and the last answer is the error.
func TestAddedOutage(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(commboxtest.Status(500).Forever())
			e := isError(t, op.call(t.Context(), t, quick(s).API()), 500, commbox.ErrServer)
			want := map[bool]int{true: 4, false: 1}[op.safe]
			if e.Attempts != want || len(s.Requests()) != want || !e.MaybeDelivered {
				t.Errorf("%d attempts, %d requests, MaybeDelivered %v", e.Attempts, len(s.Requests()), e.MaybeDelivered)
			}
		})
	}
}

// TestAddedRotatedKey: a refused key is tried again once there is another one.
func TestAddedRotatedKey(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			var mu sync.Mutex
			key := s.Key()
			source := commbox.KeyFunc(func(context.Context) (string, error) {
				mu.Lock()
				defer mu.Unlock()
				used := key
				key = "next-key"
				return used, nil
			})
			client, err := commbox.New(source, commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.HTTPClient()))
			if err != nil {
				t.Fatal(err)
			}
			s.SetKey("next-key")
			if err := op.call(t.Context(), t, client.API()); err != nil || len(s.Requests()) != 2 {
				t.Errorf("%d requests, error %v", len(s.Requests()), err)
			}
		})
	}
}

// TestAddedThrottleIsShared: a 429 to one operation holds back another.
func TestAddedThrottleIsShared(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "100")))
	api := quick(s).API()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second) // no wait of 100 s can end in it
	defer cancel()
	for i, op := range operations() {
		err := op.call(ctx, t, api)
		e := isError(t, err, map[bool]int{true: 429}[i == 0], commbox.ErrRateLimited)
		if e.RetryAfter < 50*time.Second || len(s.Requests()) != 1 {
			t.Errorf("%s: %d requests, retry after %v", op.name, len(s.Requests()), e.RetryAfter)
		}
	}
}
