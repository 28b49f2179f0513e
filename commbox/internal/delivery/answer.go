package delivery

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
)

// Answer is an answer of the server, read to its end or to the limit.
type Answer struct {
	Status        int // of HTTP, or what Call.Judge made of it
	Header        http.Header
	Payload       []byte
	hasRetryAfter bool
}

// Verdict is what the caller makes of a complete 2xx. The zero Verdict is a
// success.
type Verdict struct {
	Status int   // a failure all the same, with this status
	Err    error // of no use
	Cut    bool  // of no use because the end is missing: worth another attempt
}

var errTooLarge = errors.New("the answer is larger than the limit")

// readBounded reads a whole answer, without a byte order mark, or the first
// limit bytes of it with errTooLarge.
func readBounded(resp *http.Response, limit int64) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < 200 { // 101: what follows is another protocol, and does not end
		return nil, nil
	}
	var data []byte
	var err error
	limit = min(limit, math.MaxInt64-1)
	if data, err = io.ReadAll(io.LimitReader(resp.Body, limit+1)); int64(len(data)) > limit {
		data, err = data[:limit], errTooLarge
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), err
}
