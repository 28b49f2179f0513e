// Package form makes one file the body of a multipart/form-data request (RFC
// 7578), which can be read again for another attempt. Nothing of a file that
// does not fit one buffer is kept.
package form

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// How a buffer is divided: the opening of the form ends where the content
// begins, and the close of the form follows the content. A small file is sent
// from it, so that it leaves with the header of its request in one write. Of a
// larger file it takes the first bytes.
const (
	openingRoom = 3 << 10
	contentRoom = 12 << 10
	closeRoom   = 1 << 10
)

type buffer [openingRoom + contentRoom + closeRoom]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// Form is a file that has been looked at, and the form around it.
type Form struct {
	ContentType string // of the request
	FileType    string // content type of the file
	Size        int64  // of the file in bytes; -1: not known

	file           File
	limit          int64 // bytes that a file of unknown size may turn out to have; 0: any
	stamp          stamp
	opening, close string
	buffer         *buffer
	memory         []byte        // the whole body, in buffer; nil: it is not small
	first          io.ReadCloser // body of the first attempt, until Attach
}

// Open looks at a file and puts a form around it, in which the part has the
// given name. It reads the first bytes of the file, or all of a small one.
// Close releases what it has opened.
func Open(part string, file File) (*Form, error) {
	opened, err := file.open()
	if err != nil {
		return nil, err
	}
	f := &Form{file: file, Size: file.Size, buffer: buffers.Get().(*buffer)}
	if err := f.look(part, opened); err != nil {
		_ = opened.Close()
		f.Release()
		return nil, err
	}
	return f, nil
}

// look finds out what the file is, and makes the body of the first attempt.
func (f *Form) look(part string, opened io.ReadCloser) (err error) {
	if f.stamp, err = f.file.stampOf(opened, &f.Size); err != nil {
		return err
	}
	head, whole, err := f.readHead(opened)
	if err != nil {
		return err
	}
	if f.FileType, f.limit, err = f.file.Inspect(head, f.Size); err != nil {
		return err
	}
	f.enclose(part)
	if whole && f.file.Progress == nil && len(f.opening) <= openingRoom && len(f.close) <= closeRoom {
		start := openingRoom - copy(f.buffer[openingRoom-len(f.opening):], f.opening)
		end := openingRoom + len(head)
		end += copy(f.buffer[end:], f.close)
		f.memory = f.buffer[start:end]
		_ = opened.Close() // it was read to its end
		return nil
	}
	b := &body{form: f, file: opened, read: int64(len(head)), behind: f.close}
	if len(f.opening) <= openingRoom {
		start := openingRoom - copy(f.buffer[openingRoom-len(f.opening):], f.opening)
		b.ahead, b.lent = f.buffer[start:openingRoom+len(head)], f.buffer
	} else {
		b.ahead = append([]byte(f.opening), head...)
	}
	f.first, f.buffer = b, nil
	return nil
}

// readHead reads what the type can be told from, and reports whether that is
// the whole file, whose size is known from then on.
func (f *Form) readHead(opened io.Reader) (head []byte, whole bool, err error) {
	room := int64(contentRoom)
	if f.Size >= 0 {
		room = min(room, f.Size+1) // one more than it should have
	}
	head = f.buffer[openingRoom:][:room]
	n := 0
	for n < len(head) && err == nil {
		var m int
		m, err = opened.Read(head[n:])
		n += m
	}
	if n == len(head) {
		err = nil
	}
	head = head[:n]
	whole = err == io.EOF //nolint:errorlint // as io.Reader has it: what a cut source says is io.ErrUnexpectedEOF
	switch {
	case err != nil && !whole:
		return nil, false, fmt.Errorf("reading %s: %w", f.file.Name, err)
	case f.Size >= 0 && int64(n) > f.Size:
		return nil, false, fmt.Errorf("%s is longer than its size of %d bytes%s", f.file.Name, f.Size, sizeAdvice(f.Size))
	case whole && n == 0:
		return nil, false, fmt.Errorf("%s is empty", f.file.Name)
	case whole && f.Size > int64(n):
		return nil, false, fmt.Errorf("%s has %d bytes, not %d", f.file.Name, n, f.Size)
	case whole:
		f.Size = int64(n)
	}
	return head, whole, nil
}

func sizeAdvice(size int64) string {
	if size == 0 {
		return "; is the size unknown? use -1"
	}
	return ""
}

// enclose makes the form around the file. mime/multipart is not used because
// its parts are always application/octet-stream, which WhatsApp rejects, and
// because it writes where a request body is read.
func (f *Form) enclose(part string) {
	const formData = "multipart/form-data; boundary="
	boundary := rand.Text()
	// One string, of which the others are parts, is one allocation.
	all := formData + boundary +
		"--" + boundary + "\r\n" +
		`Content-Disposition: form-data; name="` + part + `"; filename="` + quote(f.file.Name) + `"` + "\r\n" +
		"Content-Type: " + f.FileType + "\r\n\r\n" +
		"\r\n--" + boundary + "--\r\n"
	opening := len(formData) + len(boundary)
	end := len(all) - len("\r\n--") - len(boundary) - len("--\r\n")
	f.ContentType, f.opening, f.close = all[:opening], all[opening:end], all[end:]
}

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quote escapes a file name for a quoted-string. RFC 7578 keeps the name as it
// is otherwise, in UTF-8, and forbids filename*.
func quote(name string) string { return quoter.Replace(name) }

// InMemory reports whether the whole body is in memory.
func (f *Form) InMemory() bool { return f.memory != nil }

// Overhead is the length of the form without the file, in bytes.
func (f *Form) Overhead() int64 { return int64(len(f.opening) + len(f.close)) }

// Attach makes the form the body of req, which owns it from then on, with its
// length and, unless the file can be read only once, with GetBody.
func (f *Form) Attach(req *http.Request) {
	req.ContentLength, req.GetBody = -1, nil
	if f.Size >= 0 {
		req.ContentLength = f.Overhead() + f.Size
	}
	if f.memory != nil {
		req.Body = io.NopCloser(bytes.NewReader(f.memory))
	} else {
		req.Body, f.first = f.first, nil
	}
	switch {
	case !f.file.Once:
		req.GetBody = f.again
	case f.memory != nil: // what is read already needs no second reading
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.memory)), nil }
	}
}

// again is the body of a later attempt. A small one gets memory of its own:
// that of the first attempt may still be in use.
func (f *Form) again() (io.ReadCloser, error) {
	opened, err := f.file.open()
	if err != nil {
		return nil, err
	}
	if err := f.unchanged(opened); err != nil {
		_ = opened.Close()
		return nil, err
	}
	b := &body{form: f, ahead: []byte(f.opening), file: opened, behind: f.close}
	if f.memory == nil {
		b.progress()
		return b, nil
	}
	defer func() { _ = b.Close() }()
	memory := make([]byte, f.Overhead()+f.Size)
	if _, err := io.ReadFull(b, memory); err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(memory)), nil
}

// Close releases what Attach has not handed over.
func (f *Form) Close() error {
	if f.first == nil {
		return nil
	}
	return f.first.Close()
}

// Release lends the buffer to other forms. Nobody may read the body any more.
func (f *Form) Release() {
	if f.buffer != nil {
		buffers.Put(f.buffer)
		f.buffer = nil
	}
}
