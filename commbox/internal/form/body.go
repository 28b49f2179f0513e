package form

import (
	"bytes"
	"fmt"
	"io"
)

// body makes the request body of one attempt: the opening of the form, the head of
// the file (which was read before), the rest of the file, the close of the form.
func (f *Form) body(head []byte, file *content) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(f.opening), bytes.NewReader(head), file, bytes.NewReader(f.closing)), file.opened}
}

// content reads a file. A Read fails if the file is shorter or longer than announced,
// or has changed.
type content struct {
	*Form
	opened Source
	read   int64 // bytes
}

func (c *content) Read(p []byte) (int, error) {
	n, err := c.opened.Read(p)
	c.read += int64(n)
	switch err := c.checkLimit(c.read); {
	case err != nil:
		return 0, err
	case c.Size == 0 && n > 0:
		return 0, fmt.Errorf("%s is longer than its size of 0 bytes; is the size unknown? use -1", c.file.Name)
	case c.Size > 0 && c.read > c.Size:
		return 0, fmt.Errorf("%s is longer than its size of %d bytes", c.file.Name, c.Size)
	}
	if n > 0 {
		c.progress(c.read)
	}
	switch {
	case err == nil:
		return n, nil
	case err != io.EOF: //nolint:errorlint // as io.Reader has it
		return n, fmt.Errorf("reading %s: %w", c.file.Name, err)
	case c.read < c.Size:
		return n, fmt.Errorf("%s ended after %d of %d bytes", c.file.Name, c.read, c.Size)
	}
	if changed := c.unchanged(c.opened); changed != nil {
		return n, changed
	}
	return n, io.EOF
}

func (f *Form) checkLimit(size int64) error {
	if f.limit > 0 && size > f.limit {
		return fmt.Errorf("%s has %d bytes, and at most %d (%.1f MiB) are accepted of %s", f.file.Name, size, f.limit, float64(f.limit)/(1<<20), f.FileType)
	}
	return nil
}

func (f *Form) progress(sent int64) {
	if f.file.Progress != nil {
		f.file.Progress(sent, f.Size)
	}
}
