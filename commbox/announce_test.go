package commbox_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// Each row is a script of faults, uploads of 1 MiB one after the other, and which
// attempts are announced with Expect: 100-continue.
func TestAnnouncement(t *testing.T) {
	t.Parallel()
	data := append([]byte("%PDF-1.7\n"), make([]byte, 1<<20)...)
	again := func() commbox.File { return commbox.FromBytes("a.pdf", data) }
	once := func() commbox.File {
		return commbox.FromReader("a.pdf", io.MultiReader(bytes.NewReader(data)))
	}
	small := func() commbox.File { return commbox.FromBytes("a.pdf", data[:1000]) }
	fault := commboxtest.Status
	ok := commboxtest.Slow(1 << 40) // changes nothing
	for name, tt := range map[string]struct {
		script []commboxtest.Fault
		files  []func() commbox.File
		want   []bool
	}{
		"until an upload was accepted":      {nil, []func() commbox.File{again, again, again}, []bool{true, false, false}},
		"until a small one was accepted":    {nil, []func() commbox.File{small, again}, []bool{false, false}},
		"again after a failure":             {[]commboxtest.Fault{ok, fault(503)}, []func() commbox.File{again, again, again}, []bool{true, false, true, false}},
		"again after a lost connection":     {[]commboxtest.Fault{ok, commboxtest.Reset(1000)}, []func() commbox.File{again, again, again}, []bool{true, false, true, false}},
		"not after a 417, in the same call": {[]commboxtest.Fault{commboxtest.ExpectationFailed()}, []func() commbox.File{again, again}, []bool{true, false, false}},
		"ignored: the wait costs once":      {[]commboxtest.Fault{commboxtest.ContinueIgnored()}, []func() commbox.File{again, again}, []bool{true, false}},
		"what can be sent only once":        {nil, []func() commbox.File{again, once, once}, []bool{true, true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t, commboxtest.WithClock(commboxtest.NewClock()))
			s.Fail(tt.script...)
			client := s.Client()
			for _, file := range tt.files {
				if _, err := client.UploadMedia(t.Context(), "x", file()); err != nil {
					t.Fatal(err)
				}
			}
			var got []bool
			for _, r := range s.Requests() {
				got = append(got, r.ExpectContinue)
				if r.ExpectContinue != (r.Header.Get("Expect") != "") || r.Method != http.MethodPost {
					t.Errorf("request %+v", r)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("announced: %v, want %v", got, tt.want)
			}
		})
	}
}

// TestRefusedAnnouncementIsAnAttempt, of which there are no more than the policy
// allows, but for the one without the announcement.
func TestRefusedAnnouncementIsAnAttempt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		policy commbox.RetryPolicy
		after  []commboxtest.Fault // the 417
		want   int
		err    error
	}{
		"one attempt":            {commbox.NoRetry(), nil, 2, nil},
		"one attempt, and a 503": {commbox.NoRetry(), []commboxtest.Fault{commboxtest.Status(503)}, 2, commbox.ErrServer},
		"four, and an outage":    {commbox.RetryPolicy{}, []commboxtest.Fault{commboxtest.Status(503).Forever()}, 4, commbox.ErrServer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t, commboxtest.WithClock(commboxtest.NewClock()))
			s.Fail(append([]commboxtest.Fault{commboxtest.ExpectationFailed()}, tt.after...)...)
			_, err := s.Client(commbox.WithRetry(tt.policy)).UploadMedia(t.Context(), "x", commbox.FromBytes("a.pdf", make([]byte, 1<<20)))
			if requests := len(s.Requests()); !errors.Is(err, tt.err) || requests != tt.want {
				t.Errorf("%d requests, want %d; error %v", requests, tt.want, err)
			}
		})
	}
}
