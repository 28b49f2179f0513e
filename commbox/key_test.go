package commbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/gen"
)

func TestNewFromEnv(t *testing.T) {
	s := commboxtest.New(t)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("  "+s.Key()+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		key, file string
		works     bool
	}{
		"neither": {"", "", false}, "key": {s.Key(), "", true}, "file": {"", file, true}, "key before file": {s.Key(), "/nonexistent", true},
		"unusable": {"Bearer " + s.Key(), "", false}, "with white space": {" " + s.Key() + "\n", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("COMMBOX_API_KEY", test.key)
			t.Setenv("COMMBOX_API_KEY_FILE", test.file)
			t.Setenv("COMMBOX_BASE_URL", s.URL)
			c, err := commbox.NewFromEnv()
			if !test.works {
				if !errors.Is(err, commbox.ErrInvalidInput) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.UploadMedia(t.Context(), "abc", smallPDF()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestKeyFile follows a secret manager that replaces the file.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "key")
	source := commbox.APIKeyFile(name)
	steps := []struct {
		what, content, want string
		remove              bool
	}{
		{"the first key", "one\n", "one", false},
		{"a key of the same length", "two\n", "two", false},
		{"emptied", "", "two", false},
		{"gone", "", "two", true},
		{"back", " three ", "three", false},
	}
	for _, step := range steps {
		if step.remove {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(name, []byte(step.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := source.Key(t.Context()); err != nil || got != step.want {
			t.Errorf("%s: key %q, error %v; want %q", step.what, got, err, step.want)
		}
	}
}

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		keys     []string // by call of the source; the last one stays
		attempts int
		want     error
	}{
		"a new key after a 401":   {[]string{"old", "new"}, 2, nil},
		"the same key":            {[]string{"old"}, 1, commbox.ErrUnauthorized},
		"another one, refused":    {[]string{"old", "older"}, 2, commbox.ErrUnauthorized},
		"a third one, not tried":  {[]string{"old", "older", "new"}, 2, commbox.ErrUnauthorized},
		"a source that fails now": {[]string{"old", ""}, 1, commbox.ErrUnauthorized},
	}
	for name, test := range tests {
		for kind, call := range map[string]func(context.Context, *commbox.Client, ...gen.RequestEditorFn) error{"upload": upload, "post": post} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				s := commboxtest.New(t, commboxtest.WithKey("new"))
				calls := 0
				source := commbox.KeyFunc(func(context.Context) (string, error) {
					calls++
					return test.keys[min(calls, len(test.keys))-1], nil
				})
				c, err := commbox.New(source, commbox.WithBaseURL(s.URL), commbox.WithHTTPClient(s.HTTPClient()))
				if err != nil {
					t.Fatal(err)
				}
				if err := call(t.Context(), c); !errors.Is(err, test.want) {
					t.Errorf("error %v", err)
				}
				if n := len(s.Requests()); n != test.attempts {
					t.Errorf("%d requests, want %d", n, test.attempts)
				}
			})
		}
	}
}

func TestUnusableKeys(t *testing.T) {
	t.Parallel()
	vault := errors.New("the vault is sealed")
	tests := map[string]struct {
		key commbox.KeySource
		is  error // besides ErrInvalidInput or ErrKeyUnavailable
	}{
		"empty":         {commbox.APIKey(""), nil},
		"a line feed":   {commbox.APIKey("secret\nkey"), nil},
		"a space":       {commbox.APIKey("Bearer secret"), nil},
		"NUL":           {commbox.APIKey("secret\x00"), nil},
		"not ASCII":     {commbox.APIKey("sécret"), nil},
		"not set":       {commbox.APIKeyEnv("COMMBOX_TEST_NOT_SET"), nil},
		"no file":       {commbox.APIKeyFile("/nonexistent/key"), os.ErrNotExist},
		"a failing one": {commbox.KeyFunc(func(context.Context) (string, error) { return "", vault }), vault},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			c, err := commbox.New(test.key, commbox.WithBaseURL(s.URL))
			kind := commbox.ErrInvalidInput
			if test.is != nil {
				kind = commbox.ErrKeyUnavailable
			}
			if fixed := test.is == nil && name != "not set"; fixed != (err != nil) {
				t.Fatalf("New: %v", err)
			} else if !fixed {
				_, err = c.UploadMedia(t.Context(), "abc", smallPDF())
			}
			var e *commbox.Error
			if !errors.As(err, &e) || !errors.Is(err, kind) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("error %v", err)
			}
			if _, again := commbox.RetryLater(err); again != (test.is != nil) {
				t.Errorf("worth another try: %v", again)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "secret") {
				t.Errorf("the key is in %#v", err)
			}
			if n := len(s.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestKeyRotationForgetsTheAnswer: what a refused key was told says nothing of the
// call with the next one.
func TestKeyRotationForgetsTheAnswer(t *testing.T) {
	t.Parallel()
	s := commboxtest.New(t, commboxtest.WithClock(commboxtest.NewClock()))
	s.Fail(commboxtest.Status(401), commboxtest.Reset(1).Forever())
	calls := 0
	source := commbox.KeyFunc(func(context.Context) (string, error) { calls++; return fmt.Sprint("key-", min(calls, 2)), nil })
	_, err := s.Client().UploadMedia(t.Context(), "abc", smallPDF(), commbox.Key(source))
	var e *commbox.Error
	if !errors.As(err, &e) || !errors.Is(err, commbox.ErrConnection) || e.StatusCode != 0 || e.Attempts != 4 {
		t.Errorf("error %#v: %v", e, err)
	}
}
