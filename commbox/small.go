package commbox

import (
	"bytes"
	"errors"
	"io"
)

// isSmall reports whether the whole form fits the buffer. Progress is for files
// that take their time, and a file that may wait for somebody is read where the
// context can end that.
func (s *source) isSmall(f form) bool {
	return s.isSteady() && s.size >= 0 && s.size <= smallFile && len(f.opening)+len(f.close) <= len(buffer{})-smallFile && s.file.Progress == nil
}

// small is the form with the file in it, in memory, and the file closed. A file
// that is not what it was announced to be is found out before anything is sent.
func (s *source) small(f form) (*bytes.Reader, error) {
	head := s.head
	form := append(append(s.buffer[:0], f.opening...), head...)
	b := &body{source: s, file: s.rest, behind: f.close, size: s.size, read: int64(len(head))}
	return readForm(form, b)
}

// smallAgain is the same for a later attempt. Its buffer is its own: the one
// of the first attempt may still be on its way.
func (s *source) smallAgain(f form) (io.ReadCloser, error) {
	b, err := s.again(f)
	if err != nil {
		return nil, err
	}
	r, err := readForm(make([]byte, 0, f.length(s.size)), b)
	return io.NopCloser(r), err
}

// readForm appends the rest of a body to form, and closes its file.
func readForm(form []byte, b *body) (*bytes.Reader, error) {
	defer func() { _ = b.Close() }()
	for {
		n, err := b.Read(form[len(form):cap(form)])
		form = form[:len(form)+n]
		switch {
		case errors.Is(err, io.EOF) || err == nil && len(form) == cap(form):
			return bytes.NewReader(form), nil
		case err != nil:
			return nil, err
		}
	}
}
