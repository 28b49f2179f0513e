package commboxtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestStall(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ after, size int64 }{
		"at the header":  {0, 8 << 20},
		"in the middle":  {100_000, 8 << 20},
		"with no answer": {1 << 40, 10_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(commboxtest.Stall(tt.after))
				r := uploadRequest(t, s, "x", random(int(tt.size)))
				length := r.ContentLength
				sent := &meter{r: r.Body}
				r.Body = sent
				done := make(chan error, 1)
				go func() {
					_, err := do(s.HTTPClient(), r)
					done <- err
				}()
				want := min(tt.after, length)
				waitFor(t, "the server to read", func() bool {
					all := s.Requests()
					return len(all) == 1 && all[0].BodyBytes == want
				})
				waitFor(t, "the client to be stuck", func() bool {
					before := sent.n.Load()
					time.Sleep(100 * time.Millisecond)
					return before == sent.n.Load()
				})
				if n := sent.n.Load(); tt.size > 1<<20 && n >= length {
					t.Errorf("the client got rid of all %d bytes", n)
				}
				select {
				case err := <-done:
					t.Fatalf("ended: %v", err)
				default:
				}
				began := time.Now()
				s.Close()
				if d := time.Since(began); d > 5*time.Second {
					t.Errorf("Close took %v", d)
				}
				if err := <-done; err == nil {
					t.Error("no error")
				}
				if got := s.Requests()[0].BodyBytes; got != want {
					t.Errorf("%d bytes read, want %d", got, want)
				}
			})
		})
	}
}

func TestStallFor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		s.Fail(commboxtest.StallFor(1000, 200*time.Millisecond))
		began := time.Now()
		a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(5000)))
		if d := time.Since(began); d < 200*time.Millisecond {
			t.Errorf("took %v", d)
		}
		if u := s.Uploads(); a.StatusCode != 200 || len(u) != 1 || u[0].Attempt != 1 {
			t.Errorf("%s, %+v", a.Status, u)
		}

		// A client that gives up comes back with its second attempt.
		s.Fail(commboxtest.StallFor(1000, time.Hour))
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for s.Pending() > 0 { // until the upload has met the fault
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		if _, err := do(s.HTTPClient(), uploadRequest(t, s, "x", random(5000)).WithContext(ctx)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(5000)))
		if u := s.Uploads(); len(u) != 2 || u[1].Attempt != 2 {
			t.Errorf("%+v", u)
		}
	})
}

func TestSlow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		s.Fail(commboxtest.Slow(40_000))
		began := time.Now()
		a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(20_000)))
		if d := time.Since(began); d < 400*time.Millisecond || d > 5*time.Second {
			t.Errorf("20,000 bytes took %v, want about half a second", d)
		}
		if a.StatusCode != 200 || s.Uploads()[0].SHA256 != hash(random(20_000)) {
			t.Errorf("%s, %+v", a.Status, s.Uploads())
		}
	})
}
