package helpcentre_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/commbox-go/client/api/internal/helpcentre"
)

// broken is a page whose OpenAPI document is cut off.
var broken, _, _ = strings.Cut(page("contacts"), "{}}")

// TestFetchFails: whatever fails, nothing is changed, although another page is new.
func TestFetchFails(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page("evil")) }))
	t.Cleanup(elsewhere.Close)
	const contacts = "/apidocs/contacts.md"
	tests := map[string]struct {
		setUp func(c *centre)
		want  []string
	}{
		"broken block": {func(c *centre) { c.pages[contacts] = broken }, []string{contacts + ":"}},
		"two broken blocks": {
			func(c *centre) { c.pages[contacts], c.pages["/apidocs/upload-a.md"] = broken, broken }, []string{contacts + ":", "/apidocs/upload-a.md:"},
		},
		"fails": {
			func(c *centre) {
				c.handlers[contacts] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
			},
			[]string{contacts + ": the help centre answers 500 Internal Server Error"},
		},
		"fails half-way": {
			func(c *centre) {
				c.handlers[contacts] = func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Length", "1000")
					_, _ = io.WriteString(w, page("contacts"))
				}
			},
			[]string{contacts + ": unexpected EOF"},
		},
		"redirect to another host": {
			func(c *centre) {
				c.handlers[contacts] = http.RedirectHandler(elsewhere.URL, http.StatusFound).ServeHTTP
			},
			[]string{contacts + " redirects to another place", elsewhere.URL},
		},
		"index redirects to another host": {
			func(c *centre) {
				c.handlers["/llms.txt"] = http.RedirectHandler(elsewhere.URL, http.StatusFound).ServeHTTP
			},
			[]string{"/llms.txt redirects to another place", elsewhere.URL},
		},
		"redirects in a circle": {
			func(c *centre) { c.handlers[contacts] = http.RedirectHandler(contacts, http.StatusFound).ServeHTTP },
			[]string{"redirects to another place, or too often"},
		},
		"page of 50 MB": {
			func(c *centre) {
				c.handlers[contacts] = func(w http.ResponseWriter, _ *http.Request) {
					for range 50 {
						_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
					}
				}
			},
			[]string{contacts + ": is larger than 4 MiB"},
		},
		"two pages for one file": {
			func(c *centre) {
				c.pages["/other/contacts.md"] = page("other")
				c.pages["/llms.txt"] += "- [Other](/other/contacts.md)\n"
			},
			[]string{"/other/contacts.md and ", contacts + " would be one file"},
		},
		"no index":      {func(c *centre) { delete(c.pages, "/llms.txt") }, []string{"/llms.txt: lists no page"}},
		"index of HTML": {func(c *centre) { c.pages["/llms.txt"] = "<html><a href=/apidocs/contacts.md>" }, []string{"/llms.txt: lists no page"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCentre(t)
			tt.setUp(c)
			have := map[string]string{"contacts.md": "old", "upload-a.md": "old", ".fetched.json": "{}\n"}
			root := module(t, have)
			_, err := c.fetch(t.Context(), root, true)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			if diff := cmp.Diff(have, files(t, root, true)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFetchWithoutPages(t *testing.T) {
	t.Parallel()
	_, err := newCentre(t).fetch(t.Context(), module(t, nil), false)
	if err == nil || !strings.Contains(err.Error(), "ALL=1") {
		t.Error("error", err)
	}
}

// TestFetchEnds: a server that stops in the middle of a page is left at the
// timeout, and at once when the context ends.
func TestFetchEnds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		timeout time.Duration
		want    error
	}{
		"by the timeout": {50 * time.Millisecond, context.DeadlineExceeded},
		"by the context": {time.Hour, context.Canceled},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c := newCentre(t)
			c.handlers["/apidocs/contacts.md"] = func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, page("contacts")[:20])
				w.(http.Flusher).Flush()
				if errors.Is(tt.want, context.Canceled) {
					cancel()
				}
				<-r.Context().Done()
			}
			have := map[string]string{"contacts.md": "old"}
			root := module(t, have)
			index, err := url.Parse(c.URL + "/llms.txt")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := helpcentre.Fetch(ctx, root, index, true, tt.timeout); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(have, files(t, root, true)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
