package commbox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestRetryBudget(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(500).Forever())
	c, _ := fakeClient(s)
	const calls = 600
	for range calls {
		if err := upload(t.Context(), c); !errors.Is(err, commbox.ErrServer) {
			t.Fatal(err)
		}
	}
	if extra := len(s.Requests()) - calls; extra != 35 {
		t.Errorf("%d extra requests in an outage, want the 35 that the budget pays for", extra)
	}
	err := upload(t.Context(), c)
	if !strings.Contains(err.Error(), "too many calls") {
		t.Errorf("the message does not say why there was one attempt: %v", err)
	}
	s.Recover()
	for range 14 {
		if err := upload(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	s.Fail(commboxtest.Status(500).Times(2))
	var e *commbox.Error
	if err := upload(t.Context(), c); !errors.As(err, &e) || e.Attempts != 2 {
		t.Errorf("fourteen successes pay for one retry, not for: %v", err)
	}
}
