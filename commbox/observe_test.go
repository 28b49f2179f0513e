package commbox_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/google/go-cmp/cmp"
)

func TestObserver(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
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
		{"upload media", "POST", 2, 0, true, true, false, 100 * time.Millisecond},
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

// TestObserverMayKeepErrors: what it was told does not change afterwards.
func TestObserverMayKeepErrors(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
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
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(503))
	again := false
	c, _ := fakeClient(s, commbox.WithObserver(func(a commbox.Attempt) { again = again || a.Again }))
	_, err := c.UploadMedia(t.Context(), "abc", commbox.FromReader("a.pdf", io.MultiReader(strings.NewReader("%PDF"), strings.NewReader(strings.Repeat("x", 16<<10)))))
	if !errors.Is(err, commbox.ErrNotReplayable) || again {
		t.Errorf("again %v, error %v", again, err)
	}
}
