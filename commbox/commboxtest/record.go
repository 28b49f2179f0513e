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

// Upload is a file that the server has stored: one whose request it processed,
// whether or not the answer reached the client.
type Upload struct {
	FileName    string `json:"filename"`     // as sent, not shortened to its last element
	ContentType string `json:"content_type"` // of the part
	Size        int64  `json:"bytes"`
	SHA256      string `json:"sha256"`    // of the content, in hexadecimal
	StreamID    string `json:"stream_id"` // decoded: the channel that was addressed
	ID          string `json:"id"`        // the media ID it was answered with; no two uploads share one

	// Attempt says which attempt brought the file, 1 for the first. It counts the
	// requests for the same stream and file name since one was last answered with
	// success. A request that failed before its file name was read counts for the
	// uploads to the same stream with the same Content-Length.
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
	Body           []byte            `json:"body,omitempty"`            // one that is a value, such as JSON, and fits the document; no files
	Status         int               `json:"status"`                    // that was sent; 0 while there is none
	BodyBytes      int64             `json:"bytes"`                     // of the body that the server has read
	ContentLength  int64             `json:"content_length"`            // that was announced; -1: none
	ExpectContinue bool              `json:"expect_continue,omitempty"` // asked for "100 Continue"
	Fault          string            `json:"fault,omitempty"`           // that was applied, such as "status 503"; "" for none
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
// A test that has its server from [New] fails if there are any.
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

// records is what the server remembers. Its zero value is empty.
type records struct {
	mu         sync.Mutex
	uploads    []Upload
	requests   []*entry
	violations []string
	lastID     int64
	attempts   map[attemptKey]int // that failed so far
}

// entry is a Request whose figures are still moving.
type entry struct {
	Request
	bodyBytes atomic.Int64
}

// attemptKey is what attempts at the same upload have in common: the file name
// or, where it was not read, the length.
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

// note changes what the log says about a request.
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

// store keeps the uploads of a request.
func (rs *records) store(uploads []Upload) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.uploads = append(rs.uploads, uploads...)
}

// succeeded starts the count of attempts again.
func (rs *records) succeeded(keys []attemptKey) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, k := range keys {
		delete(rs.attempts, k.named())
		delete(rs.attempts, k.unnamed())
	}
}

// attempt is the number of the attempt that is under way.
func (rs *records) attempt(k attemptKey) int {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return 1 + rs.attempts[k.named()] + rs.attempts[k.unnamed()]
}

// newID makes a media ID of the kind WhatsApp gives out.
func (rs *records) newID() string {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.lastID++
	return strconv.FormatInt(257250616863050+rs.lastID, 10)
}

func (rs *records) violate(sentence string) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.violations = append(rs.violations, sentence)
}

func (x *exchange) attemptKey(name string) attemptKey {
	return attemptKey{stream: x.target.stream, name: name, length: x.r.ContentLength}
}

// attemptKeys are the uploads that the request is an attempt at.
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
