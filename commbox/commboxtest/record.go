package commboxtest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Upload is a file that the server has stored: it processed the request, whether or
// not the answer reached the client.
type Upload struct {
	FileName    string `json:"filename"`     // as sent, not shortened to its last element
	ContentType string `json:"content_type"` // of the part
	Size        int64  `json:"bytes"`
	SHA256      string `json:"sha256"`    // of the content, in hexadecimal
	StreamID    string `json:"stream_id"` // of the channel, decoded
	ID          string `json:"id"`        // the media ID in the answer, unique among uploads

	// Attempt is the number of the attempt that brought the file, from 1. It counts
	// the requests with the same stream and file name since the last success. A
	// request that failed before its file name was read is counted by its stream and
	// Content-Length.
	Attempt int `json:"attempt"`
}

// Request is one entry of the server's log.
type Request struct {
	Time           time.Time         `json:"time"`      // of arrival
	Operation      string            `json:"operation"` // operationId of the document; "" for none
	Method         string            `json:"method"`
	Path           string            `json:"path"`             // as sent: escaped
	Params         map[string]string `json:"params,omitempty"` // of the path, decoded
	Query          url.Values        `json:"query,omitempty"`
	Header         http.Header       `json:"header"`
	FileName       string            `json:"filename,omitempty"`        // of the last file in the body; "" if the server read none
	Body           []byte            `json:"body,omitempty"`            // only of a value, such as JSON, that fits the document; not of a file
	Status         int               `json:"status"`                    // of the answer; 0: not answered yet
	BodyBytes      int64             `json:"bytes"`                     // how much of the body the server has read
	ContentLength  int64             `json:"content_length"`            // as announced; -1: not announced
	ExpectContinue bool              `json:"expect_continue,omitempty"` // the client asked for "100 Continue"
	Fault          string            `json:"fault,omitempty"`           // the fault that was applied, such as "status 503"; "" for none
}

// Uploads returns the files that were stored, oldest first.
func (s *Server) Uploads() []Upload {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	return slices.Clone(s.records.uploads)
}

// Requests returns the requests that reached the server, oldest first. The
// values of Authorization headers are left out.
func (s *Server) Requests() []Request {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	all := make([]Request, len(s.records.requests))
	for i, e := range s.records.requests {
		all[i] = e.Request
		all[i].Header = e.Header.Clone()
		all[i].BodyBytes = e.bodyBytes.Load()
	}
	return all
}

// Violations returns a sentence for each request that broke the contract, with
// the JSON pointer of the rule in the document, oldest first:
//
//	POST /whatsapp/uploadmedia/x: multipart part "file" is not in the document (want "pic"): /paths/~1whatsapp~1uploadmedia~1{ENCRYPTED_STREAM_ID}/post/requestBody/content/multipart~1form-data/schema/properties
//
// With [New], each of them fails the test.
func (s *Server) Violations() []string {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	return slices.Clone(s.records.violations)
}

// Forget empties what [Server.Uploads], [Server.Requests] and
// [Server.Violations] return.
func (s *Server) Forget() {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	s.records.uploads, s.records.requests, s.records.violations = nil, nil, nil
}

// records is what the server remembers.
type records struct {
	mu         sync.Mutex
	uploads    []Upload
	requests   []*entry
	violations []string
	violated   func(string) // see WithViolated
	lastID     int64
	attempts   map[attemptKey]int // how many failed so far
}

// entry is a Request that is still being read.
type entry struct {
	Request
	bodyBytes atomic.Int64
}

// attemptKey is what attempts at the same upload have in common: the stream, and the
// file name or, if that was not read, the length.
type attemptKey struct {
	stream, name string
	length       int64
}

func (k attemptKey) unnamed() attemptKey { return attemptKey{stream: k.stream, length: k.length} }
func (k attemptKey) named() attemptKey   { return attemptKey{stream: k.stream, name: k.name} }

func (rs *records) arrived(x *exchange) *entry {
	e := &entry{Request: Request{
		Time:           time.Now(),
		Operation:      x.target.scope().operation,
		Method:         x.r.Method,
		Path:           x.r.URL.EscapedPath(),
		Params:         x.target.params,
		Query:          x.r.URL.Query(),
		Header:         x.r.Header.Clone(),
		ContentLength:  x.r.ContentLength,
		ExpectContinue: x.expects(),
	}}
	if e.Header.Get("Authorization") != "" {
		e.Header.Set("Authorization", "(left out)")
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.requests = append(rs.requests, e)
	return e
}

// note changes the log entry of a request.
func (rs *records) note(e *entry, change func(*Request)) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	change(&e.Request)
}

func (rs *records) failed(k attemptKey) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.attempts == nil {
		rs.attempts = make(map[attemptKey]int)
	}
	if k.name != "" {
		k.length = 0
	}
	rs.attempts[k]++
}

// store records the uploads of a request.
func (rs *records) store(uploads []Upload) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.uploads = append(rs.uploads, uploads...)
}

// succeeded sets the count of failed attempts to 0.
func (rs *records) succeeded(keys []attemptKey) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, k := range keys {
		delete(rs.attempts, k.named())
		delete(rs.attempts, k.unnamed())
	}
}

// attempt returns the number of the current attempt.
func (rs *records) attempt(k attemptKey) int {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return 1 + rs.attempts[k.named()] + rs.attempts[k.unnamed()]
}

// newID makes a media ID that looks like WhatsApp's.
func (rs *records) newID() string {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.lastID++
	return strconv.FormatInt(257250616863050+rs.lastID, 10)
}

func (rs *records) violate(sentence string) {
	rs.violated(sentence)
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.violations = append(rs.violations, sentence)
}

func (x *exchange) attemptKey(name string) attemptKey {
	return attemptKey{stream: x.target.stream, name: name, length: x.r.ContentLength}
}

// attemptKeys returns the keys of the uploads in a request.
func (x *exchange) attemptKeys() []attemptKey {
	if len(x.uploads) == 0 {
		return []attemptKey{x.attemptKey("")}
	}
	var keys []attemptKey
	for _, u := range x.uploads {
		keys = append(keys, x.attemptKey(u.FileName))
	}
	return keys
}
