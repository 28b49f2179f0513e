package commboxtest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// exchange is one request and its answer.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	conn   *conn
	entry  *entry
	body   *requestBody
	fault  Fault

	target  target       // what the request addresses
	peeked  bytes.Buffer // the part of the body that peekFileName has read
	uploads []Upload     // the files in the request
	counted bool         // it counts as a failed attempt
}

// errEnded reports that a fault has ended the connection.
var errEnded = errors.New("commboxtest: connection ended by a fault")

// serve handles one request: it applies the next fault, and otherwise follows the
// document.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.handling.RLock()
	defer s.handling.RUnlock()

	defer s.ownUp(r)
	x := &exchange{server: s, w: w, r: r, conn: connOf(r.Context())}
	x.target = s.doc.find(r)
	x.entry = s.records.arrived(x)
	x.body = &requestBody{r: r.Body, read: &x.entry.bodyBytes}
	attempt := x.target.scope()
	if s.script.wantsFile(attempt) {
		attempt.file = x.peekFileName()
	}
	own := false
	if s.options.faultOf != nil {
		x.fault, own = s.options.faultOf(r)
	}
	if !own {
		x.fault, _ = s.script.take(x.conn.own, attempt)
	}
	s.records.note(x.entry, func(r *Request) { r.Fault, r.FileName = x.fault.name, attempt.file })

	if x.expects() && (s.options.continueIgnored || x.fault.continueIgnored) {
		release, err := x.hijack()
		if err == nil {
			defer release()
		}
	}
	if !x.run() {
		_ = x.conn.Close() // before net/http sends a TLS close_notify
		panic(http.ErrAbortHandler)
	}
}

// ownUp reports a panic of this package to the test. net/http does not log it,
// because the server has no error log.
func (s *Server) ownUp(r *http.Request) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		s.records.violate(fmt.Sprintf("commboxtest itself, serving %s %s: panic: %v", r.Method, r.URL.EscapedPath(), p))
		panic(p)
	}
}

// run answers the request. It reports whether the connection may be used again.
func (x *exchange) run() bool {
	if x.fault.early != nil {
		if a := x.fault.early(x); a != nil {
			a.close = x.r.ProtoMajor == 1 // HTTP/2 delivers the answer and ends only the stream
			// Without it, net/http would first read the body.
			_ = http.NewResponseController(x.w).EnableFullDuplex()
			return x.finish(a, false)
		}
	}

	body := io.MultiReader(&x.peeked, x.body)
	if x.fault.act != nil || x.fault.rate > 0 {
		x.conn.shrinkWindow()
	}
	if x.fault.act != nil {
		act := trigger(func() error { return x.fault.act(x) })
		body = io.MultiReader(io.LimitReader(body, x.fault.after), act, body)
	}
	if x.fault.rate > 0 {
		body = &slowReader{r: body, rate: x.fault.rate, pause: x.pause}
	}
	a := x.respond(body)
	if x.fault.name != "" {
		// Read the rest of the body: the fault has to happen even if the answer did
		// not need the body.
		_, _ = io.Copy(io.Discard, body)
	}
	if x.body.err != nil {
		x.failed()
		return false
	}
	if x.fault.answer != nil {
		a = x.fault.answer(x, a)
	}
	return x.finish(a, !x.fault.unprocessed)
}

// finish records the outcome before it sends the answer, so that a test that has the
// answer also finds the record.
func (x *exchange) finish(a *answer, processed bool) bool {
	if processed {
		x.records().store(x.uploads)
	}
	if a == nil {
		x.failed()
		return false
	}
	x.records().note(x.entry, func(r *Request) { r.Status = a.status })
	if processed && !x.fault.spoiled && a.status < 300 {
		x.records().succeeded(x.attemptKeys())
	} else {
		x.failed()
	}
	return a.send(x.w)
}

func (x *exchange) records() *records { return &x.server.records }

func (x *exchange) expects() bool {
	return x.r.Header.Get("Expect") != "" && x.r.ContentLength != 0
}

// failed counts a failed attempt. It must be called before the client can learn of the
// failure and try again.
func (x *exchange) failed() {
	if x.counted {
		return
	}
	x.counted = true
	for _, k := range x.attemptKeys() {
		x.records().failed(k)
	}
}

// reset is for Fault.act.
func (x *exchange) reset() error {
	x.failed()
	x.conn.reset()
	return x.end()
}

func (x *exchange) end() error {
	x.body.err = errEnded
	return errEnded
}

// stallFor is for Fault.act. The attempt counts as failed, since the client may not
// wait so long.
func (x *exchange) stallFor(d time.Duration) error {
	x.failed()
	return x.pause(d)
}

// pause waits for d. It returns an error if the client or the server goes first.
func (x *exchange) pause(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-x.r.Context().Done():
	case <-x.server.ctx.Done():
	}
	return x.end()
}

// scripted makes the answer of a fault.
func (x *exchange) scripted(status int, opts []AnswerOption) *answer {
	a := x.server.doc.example(x.target, status)
	for _, opt := range opts {
		opt(a)
	}
	return a
}

// hijack takes the connection from net/http, which would send "100 Continue"
// when the body is read.
func (x *exchange) hijack() (release func(), err error) {
	nc, buffered, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return nil, err
	}
	framing := "Transfer-Encoding: chunked"
	if x.r.ContentLength >= 0 {
		framing = fmt.Sprintf("Content-Length: %d", x.r.ContentLength)
	}
	head := strings.NewReader("POST / HTTP/1.1\r\nHost: loopback\r\n" + framing + "\r\n\r\n")
	framed, err := http.ReadRequest(bufio.NewReader(io.MultiReader(head, buffered)))
	if err != nil {
		return nil, err
	}
	x.body.r = framed.Body
	x.w = &rawWriter{Conn: nc, header: make(http.Header)}
	stop := context.AfterFunc(x.server.ctx, func() { _ = nc.Close() }) // net/http no longer does
	return func() { stop(); _ = nc.Close() }, nil
}

// rawWriter answers on a connection that was taken from net/http. The connection is
// closed after the answer.
type rawWriter struct {
	net.Conn
	header http.Header
}

func (w *rawWriter) Header() http.Header { return w.header }

func (w *rawWriter) WriteHeader(status int) {
	w.header.Set("Connection", "close")
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = w.header.Write(&head)
	head.WriteString("\r\n")
	_, _ = w.Write(head.Bytes())
}

func (w *rawWriter) Flush() {}
