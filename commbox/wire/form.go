package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	openapi_types "github.com/oapi-codegen/runtime/types"
)

// A Form is a multipart/form-data body (RFC 7578). Its length is known, and it can be
// sent again. It does not copy its files.
type Form struct {
	ContentType string
	parts       []part
}

// part is some bytes and, if file is not nil, the file after them.
type part struct {
	text []byte
	file *openapi_types.File
}

// NewForm makes a form from a struct. Each field that is not nil becomes a part with
// the JSON name of the field. A list becomes one part per element. Objects are sent
// as JSON.
func NewForm(body any) (*Form, error) {
	value := reflect.Indirect(reflect.ValueOf(body))
	if value.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%w: %T is not the body of a form", ErrInvalidInput, body)
	}
	f := new(formWriter)
	f.multipart = multipart.NewWriter(&f.text)
	for i := range value.NumField() {
		name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if err := f.add(name, value.Field(i)); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrInvalidInput, name, err)
		}
	}
	err := f.multipart.Close()
	f.cut(nil)
	return &Form{f.multipart.FormDataContentType(), f.parts}, err
}

// Reader reads the form from its beginning.
func (f *Form) Reader() io.ReadCloser {
	r := new(formReader)
	var all []io.Reader
	for _, p := range f.parts {
		all = append(all, bytes.NewReader(p.text))
		if p.file != nil {
			file := &openedFile{file: p.file}
			all, r.files = append(all, file), append(r.files, file)
		}
	}
	r.Reader = io.MultiReader(all...)
	return r
}

// Attach sets the ContentLength and the GetBody of a request with this form.
func (f *Form) Attach(_ context.Context, req *http.Request) error {
	req.ContentLength = 0
	for _, p := range f.parts {
		req.ContentLength += int64(len(p.text))
		if p.file != nil {
			req.ContentLength += p.file.FileSize()
		}
	}
	req.GetBody = func() (io.ReadCloser, error) { return f.Reader(), nil }
	return nil
}

type formWriter struct {
	multipart *multipart.Writer
	text      bytes.Buffer
	parts     []part
}

// cut ends a part; file follows it, unless nil.
func (f *formWriter) cut(file *openapi_types.File) {
	f.parts = append(f.parts, part{slices.Clone(f.text.Bytes()), file})
	f.text.Reset()
}

func (f *formWriter) add(name string, value reflect.Value) error {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map:
		if value.IsNil() {
			return nil
		}
	}
	if kind := value.Kind(); kind == reflect.Pointer || kind == reflect.Interface {
		return f.add(name, value.Elem())
	}
	if file, ok := value.Interface().(openapi_types.File); ok {
		return f.addFile(name, &file)
	}
	if value.Kind() == reflect.Slice && value.Type().Elem().Kind() != reflect.Uint8 {
		for i := range value.Len() {
			if err := f.add(name, value.Index(i)); err != nil {
				return err
			}
		}
		return nil
	}
	data, err := json.Marshal(value.Interface())
	if err != nil {
		return err
	}
	header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", name)}}
	if text := Text(""); text.UnmarshalJSON(data) == nil {
		data = []byte(text)
	} else { // an object or a list
		header.Set("Content-Type", "application/json")
	}
	w, err := f.multipart.CreatePart(header)
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// addFile adds a file. Its type follows from its name, or else from its first bytes.
func (f *formWriter) addFile(name string, file *openapi_types.File) error {
	contentType := mime.TypeByExtension(filepath.Ext(file.Filename()))
	if contentType == "" {
		content, err := file.Reader()
		if err != nil {
			return err
		}
		start, err := io.ReadAll(io.LimitReader(content, 512))
		_ = content.Close()
		if err != nil {
			return err
		}
		contentType = http.DetectContentType(start)
	}
	filename := file.Filename()
	if filename == "" {
		filename = name
	}
	_, err := f.multipart.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(name, filename)}, "Content-Type": {contentType},
	})
	f.cut(file)
	return err
}

// formReader reads the parts one after the other.
type formReader struct {
	io.Reader
	files []*openedFile
}

// Close closes the files that were opened.
func (r *formReader) Close() error {
	var failed []error
	for _, f := range r.files {
		if f.content != nil {
			failed = append(failed, f.content.Close())
		}
	}
	return errors.Join(failed...)
}

// openedFile is a file that is opened by its first Read.
type openedFile struct {
	file    *openapi_types.File
	content io.ReadCloser
}

func (f *openedFile) Read(p []byte) (n int, err error) {
	if f.content == nil {
		if f.content, err = f.file.Reader(); err != nil {
			return 0, err
		}
	}
	return f.content.Read(p)
}
