package commboxtest_test

import (
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestCalls(t *testing.T) {
	t.Parallel()
	s := another(t)
	type added struct{ Name string }
	s.Fail(commboxtest.Status(500))
	for _, body := range []string{contact + "}", contact + "}", `{"name":7}`} {
		mustDo(t, s.HTTPClient(), request(t, s, "POST", "/contacts", "application/json", []byte(body)))
	}
	mustDo(t, s.HTTPClient(), request(t, s, "GET", "/contacts?status=gone&tag=ab&tag=cd", "", nil))

	calls := commboxtest.Calls[added](s, "AddContact")
	if len(calls) != 3 || calls[0].Status != 500 || calls[1].Status != 201 || calls[2].Status != 400 {
		t.Fatalf("calls: %+v", calls)
	}
	if calls[0].Sent.Name != "Dana" || calls[1].Sent.Name != "Dana" || calls[2].Sent.Name != "" {
		t.Errorf("sent: %q, %q, %q", calls[0].Sent.Name, calls[1].Sent.Name, calls[2].Sent.Name)
	}
	lists := commboxtest.Calls[any](s, "ListContacts")
	if len(lists) != 1 || lists[0].Query.Get("status") != "gone" || len(lists[0].Query["tag"]) != 2 {
		t.Errorf("lists: %+v", lists)
	}
	wantPanic(t, `no operation "ListContact"`, func() { commboxtest.Calls[any](s, "ListContact") })
	wantPanic(t, "AddContact in a int", func() { commboxtest.Calls[int](s, "AddContact") })
}

func TestCallOfAPathWithIDs(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t)
	mustDo(t, s.HTTPClient(), uploadRequest(t, s, "abc%3d%3d", []byte("x")))
	calls := commboxtest.Calls[any](s, "UploadMedia")
	if len(calls) != 1 || calls[0].Params["ENCRYPTED_STREAM_ID"] != "abc==" || calls[0].Body != nil {
		t.Errorf("calls: %+v", calls)
	}
}

func wantPanic(t *testing.T, part string, do func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if text, _ := recover().(string); !strings.Contains(text, part) {
			t.Errorf("panic %q, want %q", text, part)
		}
	}()
	do()
}
