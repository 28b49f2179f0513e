package commboxtest_test

import (
	"net"
	"net/http"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestListenerOfTheCaller(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := commboxtest.NewServer(commboxtest.WithListener(l))
	if want := "http://" + l.Addr().String(); s.URL != want {
		t.Errorf("the URL is %s, want %s", s.URL, want)
	}
	if a := mustDo(t, stranger(t, s), uploadRequest(t, s, "x", random(10))); a.StatusCode != http.StatusOK {
		t.Errorf("answer: %s", a.Status)
	}
	s.Close()
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String()); err == nil {
		conn.Close()
		t.Error("the port is open after Close")
	}
}

// A request with a fault of its own meets it, and leaves the script alone.
func TestFaultOfARequest(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t, commboxtest.WithFaultOf(func(r *http.Request) (commboxtest.Fault, bool) {
		return commboxtest.Status(http.StatusServiceUnavailable), r.Header.Get("Fault") != ""
	}))
	s.Fail(commboxtest.Status(http.StatusNotFound))
	for _, tt := range []struct {
		own  bool
		want int
	}{{true, 503}, {false, 404}, {true, 503}, {false, 200}} {
		r := uploadRequest(t, s, "x", random(10))
		if tt.own {
			r.Header.Set("Fault", "busy")
		}
		if a := mustDo(t, s.HTTPClient(), r); a.StatusCode != tt.want {
			t.Errorf("answer: %s, want %d", a.Status, tt.want)
		}
	}
}

func TestViolationsAreTold(t *testing.T) {
	t.Parallel()
	told := make(chan string, 1)
	s := commboxtest.NewServer(commboxtest.WithViolated(func(sentence string) { told <- sentence }))
	defer s.Close()
	mustDo(t, s.HTTPClient(), request(t, s, "GET", "/nowhere", "", nil))
	if v := s.Violations(); len(v) != 1 || <-told != v[0] {
		t.Errorf("violations: %q", v)
	}
}
