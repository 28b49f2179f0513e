package await_test

import (
	"context"
	"errors"
	"testing"

	"github.com/commbox-go/client/commbox/internal/await"
)

func TestDo(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	neverDropped := func(int) { t.Error("a value that was returned is dropped") }
	if n, err := await.Do(t.Context(), func() (int, error) { return 7, failed }, neverDropped); n != 7 || !errors.Is(err, failed) {
		t.Errorf("%d, %v", n, err)
	}
	defer func() {
		if p := recover(); p != "no way on" {
			t.Errorf("the panic of the call has become %v", p)
		}
	}()
	_, _ = await.Do(t.Context(), func() (int, error) { panic("no way on") }, neverDropped)
	t.Error("the panic of the call is lost")
}

// TestContextEnds: the call is left behind, and what it opens later is closed.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	release, dropped := make(chan struct{}), make(chan int)
	block := func() (int, error) { cancel(cause); <-release; return 7, nil }
	if _, err := await.Do(ctx, block, func(n int) { dropped <- n }); !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
	close(release)
	if n := <-dropped; n != 7 {
		t.Errorf("dropped %d", n)
	}
}
