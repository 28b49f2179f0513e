package form

import (
	"bytes"
	"fmt"
	"io"
)

// body is the request body of one attempt: the opening of the form, the file,
// of which the head was read before, and the close of the form.
func (f *Form) body(head []byte, opened source) io.ReadCloser {
	file := &content{Form: f, opened: opened, rest: io.MultiReader(bytes.NewReader(head), opened)}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(f.opening), file, bytes.NewReader(f.close)), opened}
}

// content is the file as it is read. It makes sure that the file is neither
// shorter nor longer than announced, and does not change meanwhile.
type content struct {
	*Form
	opened source
	rest   io.Reader
	read   int64 // bytes
}

func (c *content) Read(p []byte) (int, error) {
	n, err := c.rest.Read(p)
	c.read += int64(n)
	switch err := c.checkLimit(c.read); {
	case err != nil:
		return 0, err
	case c.Size >= 0 && c.read > c.Size:
		return 0, c.longer()
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

func (f *Form) progress(sent int64) {
	if f.file.Progress != nil {
		f.file.Progress(sent, f.Size)
	}
}
