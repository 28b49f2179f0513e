package commbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

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

// TestAnswerBeforeTheBody: a 200 to the header alone is no success.
func TestAnswerBeforeTheBody(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"status":"200","data":[{"id":"1"}]}`))
	}))
	defer s.Close()
	c, err := commbox.New(commbox.APIKey("key"), commbox.WithBaseURL(s.URL), commbox.WithRetry(commbox.NoRetry()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", append([]byte("%PDF"), make([]byte, 30<<20)...)))
	var e *commbox.Error
	if !errors.As(err, &e) || !errors.Is(err, commbox.ErrInvalidResponse) || e.StatusCode != 200 || !e.MaybeDelivered {
		t.Errorf("error %#v", err)
	}
}
