package commboxtest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestKey(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewServer(commboxtest.WithKey("first"))
	defer s.Close()
	with := func(authorization string) int {
		r := uploadRequest(t, s, "x", random(10))
		r.Header.Set("Authorization", authorization)
		a := mustDo(t, s.HTTPClient(), r)
		if a.StatusCode == 401 && shows(s, 401) && !strings.Contains(string(a.body), `"Unauthorized"`) {
			t.Errorf("not the document's example: %s", a.body)
		}
		return a.StatusCode
	}
	if got := with("Bearer first"); got != 200 {
		t.Errorf("right key: %d", got)
	}
	for _, wrong := range []string{"Bearer second", "Bearer first ", "Bearer  first", "bearer firs", "Basic first"} {
		if got := with(wrong); (got != 401) != (wrong == "Bearer first ") { // a header's own blanks are trimmed
			t.Errorf("%q: %d", wrong, got)
		}
	}
	s.SetKey("second")
	if s.Key() != "second" || with("Bearer first") != 401 || with("Bearer second") != 200 {
		t.Error("the key did not rotate")
	}
	if got := s.Violations(); len(got) != 1 || !strings.Contains(got[0], "no API key") {
		t.Errorf("a wrong key breaks no contract, no bearer does: %q", got)
	}
}

// A refusal that does not depend on the body does not wait for it.
func TestRefusedUnread(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *commboxtest.Server) {
		mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(10))) // the one that the limit lets through
		for key, status := range map[string]int{"wrong": 401, s.Key(): 429} {
			r := uploadRequest(t, s, "x", random(4<<20))
			r.Header.Set("Authorization", "Bearer "+key)
			r.Header.Set("Expect", "100-continue")
			sent := &meter{r: r.Body}
			r.Body = sent
			if a := mustDo(t, s.HTTPClient(), r); a.StatusCode != status {
				t.Errorf("%s, want %d", a.Status, status)
			}
			log := s.Requests()
			if read := log[len(log)-1].BodyBytes; read != 0 || sent.n.Load() != 0 {
				t.Errorf("%d: %d bytes sent, %d read", status, sent.n.Load(), read)
			}
		}
	}, commboxtest.WithRateLimit(1, time.Hour))
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	clock := commboxtest.NewClock()
	s := commboxtest.NewServer(commboxtest.WithRateLimit(3, 1500*time.Millisecond), commboxtest.WithClock(clock))
	defer s.Close()
	s.Fail(commboxtest.Status(500))
	var got []int
	for range 6 {
		a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(10)))
		got = append(got, a.StatusCode)
		if a.StatusCode == 429 && a.Header.Get("Retry-After") != "2" {
			t.Errorf("Retry-After: %q", a.Header.Get("Retry-After"))
		}
	}
	if fmt.Sprint(got) != "[500 200 200 200 429 429]" {
		t.Errorf("statuses: %v", got)
	}
	clock.Sleep(t.Context(), 1500*time.Millisecond)
	if a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(10))); a.StatusCode != 200 {
		t.Errorf("in the next window: %s", a.Status)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewServer()
	defer s.Close()
	mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(10)))
	mustDo(t, s.HTTPClient(), request(t, s, "GET", "/nope", "", nil))
	if len(s.Uploads()) != 1 {
		t.Fatal("nothing to forget", s.Violations())
	}
	first := s.Uploads()[0].ID
	s.Forget()
	if len(s.Uploads())+len(s.Requests())+len(s.Violations()) != 0 {
		t.Error("not forgotten")
	}
	mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(10)))
	if u := s.Uploads(); len(u) != 1 || u[0].ID == first {
		t.Errorf("after forgetting: %+v, and %s was used before", u, first)
	}
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	s := commboxtest.NewTLSServer(commboxtest.WithHTTP2())
	defer s.Close()
	for _, fault := range []commboxtest.Fault{
		commboxtest.Status(503), commboxtest.EarlyAnswer(413), commboxtest.Reset(1000), commboxtest.Cut(10),
		commboxtest.LostAnswer(), commboxtest.Refuse(), commboxtest.ContinueIgnored(), commboxtest.Slow(1 << 20),
	} {
		s.Fail(fault)
		r := uploadRequest(t, s, "x", random(200_000))
		r.GetBody = nil // or net/http would try again by itself
		a, err := do(s.HTTPClient(), r)
		ended := err != nil || a.bodyErr != nil
		switch fault.String() {
		case "status 503", "early answer 413":
			if ended || a.ProtoMajor != 2 || !strings.HasSuffix(fault.String(), fmt.Sprint(a.StatusCode)) {
				t.Errorf("%v: %+v, %v", fault, a, err)
			}
		case "continue ignored", "slow, 1048576 bytes per second":
			if ended || a.ProtoMajor != 2 || a.StatusCode != 200 {
				t.Errorf("%v: %+v, %v", fault, a, err)
			}
		default:
			if !ended {
				t.Errorf("%v: %s", fault, a.Status)
			}
		}
		if s.Pending() != 0 {
			t.Fatalf("%v was not taken", fault)
		}
	}
	noViolations(t, s)
}

// TestMain finds what is left of a server.
func TestCloseReleasesAll(t *testing.T) {
	t.Parallel()
	content := random(2 << 20)
	for name, start := range map[string]func(...commboxtest.Option) *commboxtest.Server{
		"plain": commboxtest.NewServer, "TLS": commboxtest.NewTLSServer,
		"HTTP/2": func(o ...commboxtest.Option) *commboxtest.Server {
			return commboxtest.NewTLSServer(append(o, commboxtest.WithHTTP2())...)
		},
	} {
		s := start()
		s.Fail(
			commboxtest.Stall(0), commboxtest.Stall(100_000), commboxtest.Stall(1<<40), commboxtest.Slow(100),
			commboxtest.StallFor(10, time.Hour),
		)
		if name != "HTTP/2" { // where these would end the stalled ones too
			s.Fail(
				commboxtest.ContinueIgnored(), commboxtest.Reset(100), commboxtest.Refuse(), commboxtest.EarlyAnswer(500),
				commboxtest.Cut(3), commboxtest.LostAnswer(), commboxtest.Status(503),
			)
		}
		var wg sync.WaitGroup
		for i := range 14 {
			wg.Go(func() {
				r := uploadRequest(t, s, "x", content)
				if i%2 == 0 {
					r.Header.Set("Expect", "100-continue")
				}
				r.GetBody = nil
				_, _ = do(s.HTTPClient(), r)
			})
		}
		quiet := dial(t, s)                                                                // says nothing, not even hello
		waitFor(t, name+": the faults to happen", func() bool { return s.Pending() <= 1 }) // for a refusal, all can have come too early

		began := time.Now()
		s.Close()
		s.Close()
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("%s: Close took %v", name, d)
		}
		wg.Wait()
		if _, err := do(s.HTTPClient(), uploadRequest(t, s, "x", nil)); err == nil {
			t.Errorf("%s: served after Close", name)
		}
		_ = quiet.tcp.Close()
	}
}

// Not parallel: it measures the heap of the whole process.
func TestMemoryIsConstant(t *testing.T) {
	size := int64(32 << 20)
	if os.Getenv("COMMBOX_TEST_LONG") != "" {
		size = 100 << 20
	}
	s := commboxtest.NewTLSServer()
	defer s.Close()
	upload := func(size int64) {
		head, tail := "--frontier\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"a.mp4\"\r\nContent-Type: video/mp4\r\n\r\n", "\r\n--frontier--\r\n"
		body := io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, size), strings.NewReader(tail))
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+uploadPath+"x", io.NopCloser(body))
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = int64(len(head)) + size + int64(len(tail))
		r.Header.Set("Content-Type", formType)
		r.Header.Set("Authorization", "Bearer "+s.Key())
		if a := mustDo(t, s.HTTPClient(), r); a.StatusCode != 200 {
			t.Fatal(a.Status)
		}
		if got := s.Uploads()[len(s.Uploads())-1].Size; got != size {
			t.Errorf("%d bytes arrived, want %d", got, size)
		}
	}
	upload(10 << 10)
	runtime.GC()
	before := heap()
	var peak uint64
	done := make(chan struct{})
	var sampling sync.WaitGroup
	sampling.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				peak = max(peak, heap())
			}
		}
	})
	upload(size)
	close(done)
	sampling.Wait()
	if peak > before+16<<20 {
		t.Errorf("the heap grew from %d to %d bytes for %d", before, peak, size)
	}
	t.Logf("heap: %d bytes before, %d at most", before, peak)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
