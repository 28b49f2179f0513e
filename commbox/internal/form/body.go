package commbox

import (
	"crypto/rand"
	"io"
	"strings"
)

// form is the multipart/form-data around one file (RFC 7578).
type form struct {
	contentType    string // of the request
	opening, close string
}

// partName is what CommBox's document calls the file.
const partName = "pic"

// newForm encloses a file of the given name and type. mime/multipart is not
// used because its parts are always application/octet-stream, which WhatsApp
// rejects, and because it writes where a request body is read.
func newForm(name, contentType string) form {
	const formData = "multipart/form-data; boundary="
	boundary := rand.Text()
	// One string, of which the parts are cut, is one allocation.
	all := formData + boundary +
		"--" + boundary + "\r\n" +
		`Content-Disposition: form-data; name="` + partName + `"; filename="` + quote(name) + `"` + "\r\n" +
		"Content-Type: " + contentType + "\r\n\r\n" +
		"\r\n--" + boundary + "--\r\n"
	opening := len(formData) + len(boundary)
	end := len(all) - len("\r\n--") - len(boundary) - len("--\r\n")
	return form{contentType: all[:opening], opening: all[opening:end], close: all[end:]}
}

// length is that of the body around size bytes; -1 if size is not known.
func (f form) length(size int64) int64 {
	if size < 0 {
		return -1
	}
	return int64(len(f.opening)) + size + int64(len(f.close))
}

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quote escapes a file name for a quoted-string. RFC 7578 has the name as it
// is otherwise, in UTF-8, and forbids filename*.
func quote(name string) string { return quoter.Replace(name) }

// body is the request body of one attempt: the form's opening, the file as it
// is read, the form's close. Nothing of the file is kept.
type body struct {
	source *source
	ahead  []byte // comes before what file still has: the opening, the head of the file
	file   io.ReadCloser
	behind string // comes after it: the close of the form

	size     int64 // of the file; -1: not known
	read     int64 // bytes of the file read so far
	complete bool  // and checked
}

// first is the body of the first attempt, which goes on where the look at the
// file has ended.
func (s *source) first(f form, small bool) (io.ReadCloser, error) {
	b := &body{source: s, file: s.rest, behind: f.close, size: s.size, read: int64(len(s.head))}
	if small {
		return b.inMemory(append(append(s.buffer[:0], f.opening...), s.head...))
	}
	b.ahead = append([]byte(f.opening), s.head...)
	buffers.Put(s.buffer)
	return b, nil
}

// again is the body of a later attempt. A small one has memory of its own: that
// of the first attempt may still be on its way.
func (s *source) again(f form, small bool) (io.ReadCloser, error) {
	file, err := s.reopen()
	if err != nil {
		return nil, err
	}
	b := &body{source: s, file: file, ahead: []byte(f.opening), behind: f.close, size: s.size}
	if small {
		return b.inMemory(make([]byte, 0, f.length(s.size)))
	}
	b.progress()
	return b, nil
}

func (b *body) Read(p []byte) (n int, err error) {
	if len(b.ahead) > 0 {
		n = copy(p, b.ahead)
		if b.ahead = b.ahead[n:]; len(b.ahead) == 0 && b.read > 0 {
			b.progress()
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
	if b.size >= 0 && b.read == b.size {
		return 0, b.finish()
	}
	if b.size >= 0 && int64(len(p)) > b.size-b.read {
		p = p[:b.size-b.read]
	}
	n, err := b.file.Read(p)
	b.read += int64(n)
	if limit := b.source.limit; b.size < 0 && limit > 0 && b.read > limit {
		return 0, invalid("%w", tooLarge(b.read, limit, b.source.contentType))
	}
	if n > 0 {
		b.progress()
	}
	switch {
	case err == nil:
		return n, nil
	case err != io.EOF:
		return n, invalid("reading %s: %w", b.source.file.Name, err)
	case b.size < 0:
		b.complete = true
		return n, nil
	case b.read < b.size:
		return n, invalid("%s ended after %d of %d bytes", b.source.file.Name, b.read, b.size)
	default:
		return n, b.finish()
	}
}

func (b *body) progress() {
	if report := b.source.file.Progress; report != nil {
		report(b.read, b.size)
	}
}

func (b *body) finish() error {
	b.complete = true
	if b.source.stamp != (stamp{}) {
		return b.source.unchanged(b.file)
	}
	if n, _ := io.ReadFull(b.file, make([]byte, 1)); n > 0 {
		return invalid("%s is longer than its size of %d bytes", b.source.file.Name, b.size)
	}
	return nil
}

func (b *body) Close() error { return b.file.Close() }
