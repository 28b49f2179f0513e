package form

import (
	"fmt"
	"io"
)

// body is the request body of one attempt: the opening of the form, the file
// as it is read, the close of the form.
type body struct {
	form   *Form
	ahead  []byte  // comes before what file still has: the opening, the head of the file
	lent   *buffer // holds ahead
	file   io.ReadCloser
	behind string // comes after it: the close of the form

	read     int64 // bytes of the file so far
	complete bool  // the file was read to its end, and checked
}

func (b *body) Read(p []byte) (n int, err error) {
	if len(b.ahead) > 0 {
		n = copy(p, b.ahead)
		if b.ahead = b.ahead[n:]; len(b.ahead) == 0 {
			b.aheadTaken()
		}
	}
	if n < len(p) && !b.complete {
		m, err := b.readFile(p[n:])
		n += m
		if err != nil || !b.complete {
			return n, err
		}
	}
	m := copy(p[n:], b.behind)
	b.behind = b.behind[m:]
	if n += m; n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// readFile reads more of the file, and at its end makes sure that it was
// neither shorter nor longer than announced, and did not change meanwhile.
func (b *body) readFile(p []byte) (int, error) {
	f, size := b.form, b.form.Size
	if size >= 0 && b.read == size {
		return 0, b.finish()
	}
	if size >= 0 && int64(len(p)) > size-b.read {
		p = p[:size-b.read]
	}
	n, err := b.file.Read(p)
	b.read += int64(n)
	if size < 0 && f.limit > 0 && b.read > f.limit {
		return 0, TooLarge(b.read, f.limit, f.FileType)
	}
	if n > 0 {
		b.progress()
	}
	switch {
	case err == nil:
		return n, nil
	case err != io.EOF: //nolint:errorlint // as io.Reader has it
		return n, fmt.Errorf("reading %s: %w", f.file.Name, err)
	case size < 0:
		b.complete = true
		return n, nil
	case b.read < size:
		return n, fmt.Errorf("%s ended after %d of %d bytes", f.file.Name, b.read, size)
	default:
		return n, b.finish()
	}
}

// aheadTaken gives back the buffer, and reports the head of the file.
func (b *body) aheadTaken() {
	if b.ahead = nil; b.lent != nil {
		buffers.Put(b.lent)
		b.lent = nil
	}
	if b.read > 0 {
		b.progress()
	}
}

func (b *body) progress() {
	if report := b.form.file.Progress; report != nil {
		report(b.read, b.form.Size)
	}
}

// finish checks a file of known size that was read to its end.
func (b *body) finish() error {
	b.complete = true
	if err := b.form.unchanged(b.file); err != nil {
		return err
	}
	if n, _ := io.ReadFull(b.file, make([]byte, 1)); n > 0 {
		return fmt.Errorf("%s is longer than its size of %d bytes", b.form.file.Name, b.form.Size)
	}
	return nil
}

func (b *body) Close() error { return b.file.Close() }

// TooLarge is the error of a file of a type with a limit.
func TooLarge(size, limit int64, contentType string) error {
	return fmt.Errorf("the file has %d bytes, and WhatsApp accepts at most %d of %s", size, limit, contentType)
}
