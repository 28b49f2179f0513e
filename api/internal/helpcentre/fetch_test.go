package helpcentre_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/commbox-go/client/api/internal/helpcentre"
)

const published = "api/published/"

// page is a page of the help centre that documents one operation.
func page(name string) string {
	return fmt.Sprintf("# %[1]s\n\n## OpenAPI\n\n````json GET /%[1]s\n{\"openapi\": \"3.0.3\", \"paths\": {\"/%[1]s\": {\"get\": {}}}}\n````\n", name)
}

const guide = "# A guide\n\nHow to begin.\n\n```json\n{\"status\": 200}\n```\n"

// A centre is a help centre on loopback. It serves pages by their paths, with
// ETags, and remembers what it was asked for.
type centre struct {
	*httptest.Server
	pages    map[string]string
	handlers map[string]http.HandlerFunc // instead of a page

	mu       sync.Mutex
	asked    map[string]string // path: "200" or what was answered
	now, max int               // requests at a time
}

func newCentre(t *testing.T) *centre {
	c := &centre{asked: map[string]string{}, handlers: map[string]http.HandlerFunc{}, pages: map[string]string{
		"/docs/begin.md":         guide,
		"/apidocs/contacts.md":   page("contacts"),
		"/apidocs/upload-a.md":   page("upload"),
		"/apidocs/הודעות.md":     page("messages"),
		"/apidocs/not-listed.md": page("secret"),
	}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	c.pages["/llms.txt"] = strings.ReplaceAll(`# CommBox

> Help

## Docs
- [Begin](URL/docs/begin.md): how to begin
- [Elsewhere](https://example.com/apidocs/elsewhere.md)

## API
- [Contacts](URL/apidocs/contacts.md)
* [Upload [a] file](/apidocs/upload-a): a link as a browser shows it
- [Messages](URL/apidocs/%D7%94%D7%95%D7%93%D7%A2%D7%95%D7%AA.md#top)
- [Contacts again](URL/apidocs/contacts.md)
- [No file](URL/apidocs/.hidden.md) and [the folder](URL/)
Plain text with a [link](URL/apidocs/not-listed.md)
`, "URL", c.URL)
	return c
}

func (c *centre) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.enter(+1)
	defer c.enter(-1)
	body, ok := c.pages[r.URL.Path]
	etag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body)))
	switch handle := c.handlers[r.URL.Path]; {
	case handle != nil:
		handle(w, r)
	case !ok:
		http.NotFound(w, r)
	case r.Header.Get("If-None-Match") == etag:
		c.note(r.URL.Path, "304")
		w.WriteHeader(http.StatusNotModified)
	default:
		c.note(r.URL.Path, "200")
		w.Header().Set("ETag", etag)
		_, _ = io.WriteString(w, body)
	}
}

func (c *centre) enter(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += n
	c.max = max(c.max, c.now)
}

func (c *centre) note(path, status string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[path] = status
}

// requests returns what was asked for since the last call, but for the index.
func (c *centre) requests() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = map[string]string{}
	delete(asked, "/llms.txt")
	return asked
}

// module is a folder with pages in api/published.
func module(t *testing.T, pages map[string]string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, published), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range pages {
		if err := os.WriteFile(filepath.Join(root, published, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// files returns all that is in api/published, without the memory of ETags unless it is asked for.
func files(t *testing.T, root string, all bool) map[string]string {
	t.Helper()
	found := map[string]string{}
	folder := os.DirFS(filepath.Join(root, published))
	names, err := fs.Glob(folder, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		if all || !strings.HasPrefix(name, ".") {
			found[name] = string(data)
		}
	}
	return found
}

func (c *centre) fetch(ctx context.Context, root string, all bool) (string, error) {
	index, err := url.Parse(c.URL + "/llms.txt")
	if err != nil {
		return "", err
	}
	changes, err := helpcentre.Fetch(ctx, root, index, all, 10*time.Second)
	var lines []string
	for _, change := range changes {
		lines = append(lines, change.Kind+" "+path.Base(change.File))
	}
	return strings.Join(lines, ", "), err
}

func TestFetch(t *testing.T) {
	t.Parallel()
	own := map[string]string{"contacts.md": page("contacts"), "whole.json": "{}"}
	tests := map[string]struct {
		have  map[string]string // nil: own
		all   bool
		setUp func(c *centre)
		want  string            // what is reported
		files map[string]string // afterwards, beside or instead of those before
	}{
		"unchanged": {want: "unchanged contacts.md"},
		"changed": {
			have: map[string]string{"contacts.md": "old"},
			want: "changed contacts.md", files: map[string]string{"contacts.md": page("contacts")},
		},
		"all": {
			all: true, want: "unchanged contacts.md, new upload-a.md, new הודעות.md",
			files: map[string]string{"upload-a.md": page("upload"), "הודעות.md": page("messages")},
		},
		"not listed any more": {
			have: map[string]string{"contacts.md": page("contacts"), "old.md": page("old")}, want: "unchanged contacts.md, gone old.md",
		},
		"listed and not there": {setUp: func(c *centre) { delete(c.pages, "/apidocs/contacts.md") }, want: "gone contacts.md"},
		"no operation any more": {
			setUp: func(c *centre) { c.pages["/apidocs/contacts.md"] = guide }, want: "gone contacts.md",
		},
		"a guide of the same name": {
			all: true,
			setUp: func(c *centre) {
				c.pages["/llms.txt"] = "- [a](/docs/contacts.md)\n- [b](/apidocs/contacts.md)\n"
				c.pages["/docs/contacts.md"] = guide
			},
			want: "unchanged contacts.md",
		},
		"a redirect within the help centre": {
			setUp: func(c *centre) {
				c.handlers["/apidocs/contacts.md"] = http.RedirectHandler("/apidocs/upload-a.md", http.StatusFound).ServeHTTP
			},
			want: "changed contacts.md", files: map[string]string{"contacts.md": page("upload")},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCentre(t)
			if tt.setUp != nil {
				tt.setUp(c)
			}
			if tt.have == nil {
				tt.have = own
			}
			root := module(t, tt.have)
			got, err := c.fetch(t.Context(), root, tt.all)
			if err != nil || got != tt.want {
				t.Errorf("%q and error %v, want %q", got, err, tt.want)
			}
			want := maps.Clone(tt.have)
			maps.Copy(want, tt.files)
			if diff := cmp.Diff(want, files(t, root, false)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFetchPolitely: the second run gets 304 for what is as it was, and one
// that finds another file than it left gets the page again.
func TestFetchPolitely(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	root := module(t, nil)
	for _, run := range []struct {
		before func()
		all    bool
		want   map[string]string
		report string
	}{
		{func() {}, true, map[string]string{"/docs/begin.md": "200", "/apidocs/contacts.md": "200", "/apidocs/upload-a.md": "200", "/apidocs/הודעות.md": "200"}, "new contacts.md, new upload-a.md, new הודעות.md"},
		{func() {}, true, map[string]string{"/docs/begin.md": "304", "/apidocs/contacts.md": "304", "/apidocs/upload-a.md": "304", "/apidocs/הודעות.md": "304"}, "unchanged contacts.md, unchanged upload-a.md, unchanged הודעות.md"},
		{
			func() {
				c.pages["/apidocs/upload-a.md"] += "more\n"
				for _, name := range []string{"contacts.md", "הודעות.md"} {
					if err := os.WriteFile(filepath.Join(root, published, name), []byte("by hand"), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.Remove(filepath.Join(root, published, "הודעות.md")); err != nil {
					t.Fatal(err)
				}
			},
			false, map[string]string{"/apidocs/contacts.md": "200", "/apidocs/upload-a.md": "200"}, "changed contacts.md, changed upload-a.md",
		},
	} {
		run.before()
		report, err := c.fetch(t.Context(), root, run.all)
		if err != nil || report != run.report {
			t.Errorf("%q and error %v, want %q", report, err, run.report)
		}
		if diff := cmp.Diff(run.want, c.requests()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestFetchFewAtATime(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	var index strings.Builder
	for i := range 40 {
		name := fmt.Sprintf("/apidocs/page-%d.md", i)
		c.handlers[name] = func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(10 * time.Millisecond) // for one more to arrive, which must not
			_, _ = io.WriteString(w, page(name))
		}
		fmt.Fprintf(&index, "- [page](%s)\n", name)
	}
	c.pages["/llms.txt"] = index.String()
	if _, err := c.fetch(t.Context(), module(t, nil), true); err != nil {
		t.Fatal(err)
	}
	if c.max > 4 {
		t.Errorf("%d requests at a time", c.max)
	}
}
