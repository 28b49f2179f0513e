package commbox_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestRedirectsGoNowhere: neither the key nor the file reaches the other host.
func TestRedirectsGoNowhere(t *testing.T) {
	t.Parallel()
	for _, code := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(code), func(t *testing.T) {
			t.Parallel()
			s, other := commboxtest.New(t), commboxtest.New(t)
			s.Fail(commboxtest.Status(code, commboxtest.Header("Location", other.URL+"/whatsapp/uploadmedia/abc")))
			following := &http.Client{Transport: s.HTTPClient().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
			_, err := s.Client(commbox.WithHTTPClient(following)).UploadMedia(t.Context(), "abc", commbox.FromBytes("a.pdf", make([]byte, 2<<20)))
			var e *commbox.Error
			if !errors.As(err, &e) || e.StatusCode != code || e.Attempts != 1 {
				t.Errorf("error %v", err)
			}
			if n := len(other.Requests()); n != 0 {
				t.Errorf("%d requests to the other host", n)
			}
			if following.CheckRedirect == nil || following.CheckRedirect(nil, nil) != nil {
				t.Error("the caller's http.Client was changed")
			}
		})
	}
}

// TestRedirectsToNowhere have the status of the redirect.
func TestRedirectsToNowhere(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"http://[::1", "/%zz", ":"} {
		s := commboxtest.New(t)
		s.Fail(commboxtest.Status(307, commboxtest.Header("Location", location)))
		err := upload(t.Context(), s.Client())
		var e *commbox.Error
		if !errors.As(err, &e) || e.StatusCode != 307 || len(s.Requests()) != 1 {
			t.Errorf("%s: %d requests, error %v", location, len(s.Requests()), err)
		}
	}
}
