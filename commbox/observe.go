package commbox

import (
	"log/slog"
	"net/http"
	"time"
)

// Attempt is what an observer is told of one attempt, successful or not. It
// contains neither the key nor the whole of a stream ID.
type Attempt struct {
	Op         string        // as in Error.Op
	Method     string        // of HTTP
	Number     int           // 1 for the first attempt of a call
	StatusCode int           // of the answer; 0: none
	Err        error         // an *Error; nil: the attempt succeeded
	BytesSent  int64         // bytes of the request body handed to the connection
	Duration   time.Duration // from asking for a connection to the end of the answer
	Again      bool          // another attempt follows
	Wait       time.Duration // before it, at least
}

// report tells the observer and the logger how an attempt ended.
func (r *run) report(resp *http.Response, f *Error, again bool) {
	if r.observer == nil && r.logger == nil {
		return
	}
	bytes, _ := r.attempt.sent()
	a := Attempt{
		Op: r.call.op, Method: r.req.Method, Number: r.attempts, BytesSent: bytes,
		Duration: time.Since(r.attempt.began), Again: again, Wait: r.wait,
	}
	if f != nil {
		told := *f // the observer may keep it
		a.StatusCode, a.Err = f.StatusCode, &told
	} else {
		a.StatusCode = resp.StatusCode
	}
	if r.observer != nil {
		r.observer(a)
	}
	if r.logger != nil {
		r.log(a)
	}
}

// log writes a warning per retry and a debug line per other attempt.
func (r *run) log(a Attempt) {
	level, message := slog.LevelDebug, "attempt"
	if a.Again {
		level, message = slog.LevelWarn, "trying again"
	}
	if !r.logger.Enabled(r.ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("op", a.Op),
		slog.String("path", shortPath(r.req.URL)),
		slog.Int("attempt", a.Number),
		slog.Int("status", a.StatusCode),
		slog.Int64("bytes_sent", a.BytesSent),
		slog.Duration("duration", a.Duration),
	}
	if a.Again {
		attrs = append(attrs, slog.Duration("wait", a.Wait))
	}
	if a.Err != nil {
		attrs = append(attrs, slog.String("error", a.Err.Error()))
	}
	r.logger.LogAttrs(r.ctx, level, "commbox: "+message, attrs...)
}
