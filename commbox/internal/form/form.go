// Package form makes the body of a multipart/form-data request (RFC 7578) from one
// file. The body can be read again for another attempt. Only a small file is kept in
// memory.
package form

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// headSize is how many bytes of a file Open reads. A file with fewer bytes is small:
// it is sent from memory, so that net/http writes it together with the request
// header. Package delivery expects that of a body of at most 12 KiB.
const headSize = 12 << 10

// buffers have room for a head and the form around it.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

type buffer [headSize + 4<<10]byte

// Form is a file and the form around it.
type Form struct {
	ContentType string // of the request
	FileType    string // content type of the file
	Size        int64  // of the file in bytes; -1: not known

	file             File
	limit            int64       // of the file's size in bytes; 0: none
	info             fs.FileInfo // nil: not a file on disk
	opening, closing []byte
	buffer           atomic.Pointer[buffer]
	memory           []byte        // the whole body, in buffer; nil: the file is not small
	first            io.ReadCloser // body of the first attempt
}

// Open opens a file, checks it and puts a form around it, with a part of the given
// name. It reads the first bytes of the file, or all of a small file. Close releases
// the file.
func Open(part string, file File) (*Form, error) {
	opened, err := OpenSource(file.Name, file.Open)
	if err != nil {
		return nil, err
	}
	f := &Form{file: file, Size: file.Size}
	buffer := buffers.Get().(*buffer)
	if err = f.look(part, opened, buffer[:headSize]); err != nil || f.memory != nil {
		_ = opened.Close()
	}
	if f.memory == nil {
		buffers.Put(buffer)
	} else if !file.Once { // a file that can be read only once is sent again from this memory
		f.buffer.Store(buffer)
	}
	return f, err
}

// look checks the file and makes the body of the first attempt.
func (f *Form) look(part string, opened Source, head []byte) (err error) {
	if f.info, err = f.stat(opened); err != nil {
		return err
	}
	if f.info != nil && (f.file.SizeAtOpen || f.Size < 0) {
		f.Size = cmp.Or(f.info.Size(), -1) // /proc says 0 of files that are not empty
	}
	src := &content{Form: f, opened: opened}
	n, err := io.ReadFull(src, head)
	whole := err == io.ErrUnexpectedEOF //nolint:errorlint // that of a source is wrapped
	switch {
	case err == io.EOF: //nolint:errorlint // as io.ReadFull has it
		return fmt.Errorf("%s is empty", f.file.Name)
	case err != nil && !whole:
		return err
	}
	if whole {
		f.Size = src.read
	}
	head = head[:n]
	if f.FileType, f.limit, err = f.file.Inspect(head); err != nil {
		return err
	}
	if err := f.checkLimit(f.Size); err != nil {
		return err
	}
	f.enclose(part)
	if whole {
		f.memory = append(slices.Insert(head, 0, f.opening...), f.closing...)
		f.first = inMemory(f.memory)
	} else {
		f.first = f.body(bytes.Clone(head), src)
	}
	return nil
}

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// enclose makes the form around the file. By RFC 7578 the file name is in UTF-8 and
// only quoted, and filename* is forbidden. mime/multipart is not used, because it
// writes a form, while a request body has to be read.
func (f *Form) enclose(part string) {
	boundary := rand.Text()
	f.ContentType = "multipart/form-data; boundary=" + boundary
	all := []byte("--" + boundary + "\r\n" +
		`Content-Disposition: form-data; name="` + part + `"; filename="` + quoter.Replace(f.file.Name) + `"` + "\r\n" +
		"Content-Type: " + f.FileType + "\r\n\r\n" +
		"\r\n--" + boundary + "--\r\n")
	end := len(all) - len(boundary) - len("\r\n----\r\n")
	f.opening, f.closing = all[:end:end], all[end:]
}

// Overhead is the length of the form without the file, in bytes.
func (f *Form) Overhead() int64 { return int64(len(f.opening) + len(f.closing)) }

// Attach makes the form the body of req, which then owns it, and sets the length. It
// also sets GetBody, unless the form can be read only once.
func (f *Form) Attach(req *http.Request) {
	req.Body, req.ContentLength, req.GetBody = f.first, -1, nil
	if f.Size >= 0 {
		req.ContentLength = f.Overhead() + f.Size
	}
	if !f.file.Once || f.memory != nil {
		req.GetBody = f.reopen
	}
}

// reopen makes the body of a later attempt. A small body gets its own memory, because
// the memory of the first attempt may still be in use.
func (f *Form) reopen() (io.ReadCloser, error) {
	if f.file.Once {
		return inMemory(f.memory), nil // the whole file is already in memory
	}
	opened, err := OpenSource(f.file.Name, f.file.Open)
	if err != nil {
		return nil, err
	}
	if err := f.unchanged(opened); err != nil {
		_ = opened.Close()
		return nil, err
	}
	f.progress(0)
	body := f.body(nil, &content{Form: f, opened: opened})
	if f.memory == nil {
		return body, nil
	}
	defer func() { _ = body.Close() }()
	memory := make([]byte, len(f.memory))
	_, err = io.ReadFull(body, memory)
	return inMemory(memory), err
}

// inMemory returns a body of a type that net/http knows to be in memory.
func inMemory(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

// Close closes a form that was not attached to a request.
func (f *Form) Close() error { return f.first.Close() }

// Release lets other forms use the memory of a small file. Nobody may read the body
// of the first attempt after that.
func (f *Form) Release() {
	if buffer := f.buffer.Swap(nil); buffer != nil {
		buffers.Put(buffer)
	}
}
