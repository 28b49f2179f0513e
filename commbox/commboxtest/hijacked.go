package commboxtest

import (
	"fmt"
	"io"
	"net"
	"net/http"
)

// rawWriter answers on a connection that was taken from net/http. The
// connection ends with the answer.
type rawWriter struct {
	conn   net.Conn
	header http.Header
}

func (w *rawWriter) Header() http.Header { return w.header }

func (w *rawWriter) WriteHeader(status int) {
	w.header.Set("Connection", "close")
	if _, err := fmt.Fprintf(w.conn, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status)); err != nil {
		return
	}
	_ = w.header.Write(w.conn)
	_, _ = io.WriteString(w.conn, "\r\n")
}

func (w *rawWriter) Write(p []byte) (int, error) { return w.conn.Write(p) }

func (w *rawWriter) Flush() {}

// exactReader is an [io.LimitedReader] that knows a body that ends too soon.
type exactReader struct {
	r    io.Reader
	left int64
}

func (e *exactReader) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
