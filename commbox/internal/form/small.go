package commbox

import (
	"bytes"
	"errors"
	"io"
)

// isSmall reports whether the whole form fits the buffer. Progress is for files
// that take their time.
func (s *source) isSmall(f form) bool {
	return s.size >= 0 && s.size <= smallFile && len(f.opening)+len(f.close) <= len(buffer{})-smallFile && s.file.Progress == nil
}

// inMemory is what is left of a body, appended to form, and the file closed. A
// file that is not what it was announced to be is found out before anything is
// sent.
func (b *body) inMemory(form []byte) (io.ReadCloser, error) {
	defer func() { _ = b.Close() }()
	for {
		n, err := b.Read(form[len(form):cap(form)])
		form = form[:len(form)+n]
		switch {
		case errors.Is(err, io.EOF) || err == nil && len(form) == cap(form):
			return io.NopCloser(bytes.NewReader(form)), nil
		case err != nil:
			return nil, err
		}
	}
}
