package form_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/commbox-go/client/commbox/internal/form"
)

func inspect([]byte) (string, int64, error) { return "application/pdf", 0, nil }

// of is a file with this content and size, -1 if that is not known.
func of(name, content string, size int64) form.File {
	return form.File{Name: name, Size: size, Inspect: inspect, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(iotest.OneByteReader(strings.NewReader(content))), nil
	}}
}

// attached is a request with the file as its body.
func attached(t *testing.T, file form.File) (*http.Request, *form.Form) {
	t.Helper()
	f, err := form.Open("pic", file)
	if err != nil {
		t.Fatal(err)
	}
	req := &http.Request{}
	f.Attach(req)
	return req, f
}

// TestForm: the body is what RFC 7578 says, of the length that is announced, and
// the same when it is read again.
func TestForm(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789", 20_000)
	for what, row := range map[string]struct {
		name, content string
		size          int64
	}{
		"small":                  {"a.pdf", "%PDF", 4},
		"small, of unknown size": {"a.pdf", "%PDF", -1},
		"large":                  {"a.pdf", large, int64(len(large))},
		"large, of unknown size": {"a.pdf", large, -1},
		"a name to escape":       {`"הצעה" \ 1.pdf`, "%PDF", 4},
		"a long name":            {strings.Repeat("n", 5000) + ".pdf", large, -1},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			req, f := attached(t, of(row.name, row.content, row.size))
			first, err := io.ReadAll(req.Body)
			if err != nil {
				t.Fatal(err)
			}
			again, err := req.GetBody()
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(again, first); err != nil {
				t.Errorf("read again: %v", err)
			}
			if length := req.ContentLength; length != int64(len(first)) && (length != -1 || row.size >= 0) {
				t.Errorf("announced %d bytes of %d", length, len(first))
			}
			_, params, err := mime.ParseMediaType(f.ContentType)
			if err != nil {
				t.Fatal(err)
			}
			r := multipart.NewReader(bytes.NewReader(first), params["boundary"])
			part, err := r.NextRawPart()
			if err != nil {
				t.Fatal(err)
			}
			content, _ := io.ReadAll(part)
			if string(content) != row.content || part.FormName() != "pic" || part.Header.Get("Content-Type") != "application/pdf" {
				t.Errorf("part %v with %d bytes", part.Header, len(content))
			}
			if _, quoted, err := mime.ParseMediaType(part.Header.Get("Content-Disposition")); err != nil || quoted["filename"] != row.name {
				t.Errorf("file name %q, %v", quoted["filename"], err)
			}
			if _, err := r.NextRawPart(); err != io.EOF { //nolint:errorlint // as io.Reader has it
				t.Errorf("after the part: %v", err)
			}
		})
	}
}

// TestFilesThatAreRefused before anything is sent.
func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	returnsNothing, isDirectory, silent := of("a", "", -1), of("a", "", -1), of("a", "", -1)
	returnsNothing.Open = func() (io.ReadCloser, error) { return nil, nil }
	isDirectory.Open = func() (io.ReadCloser, error) { return os.Open(t.TempDir()) }
	silent.Open = func() (io.ReadCloser, error) { return io.NopCloser(yields(0)), nil }
	tooMuch, negative := of("a", "", -1), of("a", "", -1)
	tooMuch.Open = func() (io.ReadCloser, error) { return io.NopCloser(yields(1 << 20)), nil }
	negative.Open = func() (io.ReadCloser, error) { return io.NopCloser(yields(-1)), nil }
	for what, row := range map[string]struct {
		file form.File
		want string
	}{
		"empty":             {of("a", "", -1), "a is empty"},
		"size forgotten":    {of("a", "content", 0), "a is longer than its size of 0 bytes; is the size unknown? use -1"},
		"longer":            {of("a", "content", 3), "a is longer than its size of 3 bytes"},
		"shorter":           {of("a", "content", 30), "a ended after 7 of 30 bytes"},
		"nothing is opened": {returnsNothing, "opening a has returned nothing"},
		"a directory":       {isDirectory, "a is a directory"},
		"yields nothing":    {silent, "reading a: multiple Read calls return no data or error"},
		"yields too much":   {tooMuch, "reading a: a read of 12288 bytes has returned 1048576"},
		"yields less":       {negative, "reading a: a read of 12288 bytes has returned -1"},
	} {
		if _, err := form.Open("pic", row.file); err == nil || err.Error() != row.want {
			t.Errorf("%s: %v, want %s", what, err, row.want)
		}
	}
}

// yields is a reader that says to have read so much.
type yields int

func (n yields) Read([]byte) (int, error) { return int(n), nil }

// TestFilesThatFailOnTheWay: the end of a large file is seen when it is there.
func TestFilesThatFailOnTheWay(t *testing.T) {
	t.Parallel()
	const large = 100_000
	limited := of("a", strings.Repeat("x", large), -1)
	limited.Inspect = func([]byte) (string, int64, error) { return "image/png", large - 1, nil }
	for what, row := range map[string]struct {
		file form.File
		want string
	}{
		"shorter":        {of("a", strings.Repeat("x", large), large+1), "a ended after 100000 of 100001 bytes"},
		"longer":         {of("a", strings.Repeat("x", large), large-1), "a is longer than its size of 99999 bytes"},
		"over the limit": {limited, "a has 100000 bytes, and at most 99999 (0.1 MiB) are accepted of image/png"},
	} {
		req, _ := attached(t, row.file)
		if _, err := io.ReadAll(req.Body); err == nil || err.Error() != row.want {
			t.Errorf("%s: %v, want %s", what, err, row.want)
		}
	}
}

// TestChangedFile is not sent, neither as a mixture nor as a second attempt.
func TestChangedFile(t *testing.T) {
	t.Parallel()
	for _, size := range []int{100, 100_000} {
		path := filepath.Join(t.TempDir(), "a.pdf")
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		file := form.File{Name: "a.pdf", Size: -1, Inspect: inspect, SizeAtOpen: true, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
		req, _ := attached(t, file)
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(req.Body); errors.Is(err, form.ErrChanged) != (size > 100) { // a small one was read before
			t.Errorf("%d bytes, the first attempt: %v", size, err)
		}
		if _, err := req.GetBody(); !errors.Is(err, form.ErrChanged) {
			t.Errorf("%d bytes, the second attempt: %v", size, err)
		}
	}
}

// TestOnce: what can be read only once is sent again only if it was read into the
// buffer.
func TestOnce(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]bool{"%PDF": true, strings.Repeat("x", 100_000): false} {
		file := of("a", content, -1)
		file.Once = true
		req, _ := attached(t, file)
		if got := req.GetBody != nil; got != want {
			t.Errorf("%d bytes can be sent again: %v", len(content), got)
		}
	}
}
