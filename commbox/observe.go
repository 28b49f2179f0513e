package commbox

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/commbox-go/client/commbox/internal/delivery"
)

// Attempt describes one attempt, successful or not, to an observer. It contains
// neither the key nor a whole stream ID.
type Attempt struct {
	Op         string        // as in Error.Op
	Method     string        // of HTTP
	Number     int           // 1 for the first attempt of a call
	StatusCode int           // of the answer; 0: none
	Err        error         // an *Error; nil: the attempt succeeded
	BytesSent  int64         // bytes of the request body handed to the connection
	Duration   time.Duration // from asking for a connection to the end of the answer
	Again      bool          // another attempt follows
	Wait       time.Duration // the shortest wait before that attempt
}

// observing returns a function that reports the attempts of a call to the observer
// and the logger. It returns nil if there is neither.
func (c *Client) observing(op string, req *http.Request) func(delivery.Attempt) {
	if c.config.observer == nil && c.config.logger == nil {
		return nil
	}
	return func(of delivery.Attempt) {
		a := Attempt{
			Op: op, Method: req.Method, Number: of.Number, StatusCode: of.Status, BytesSent: of.BytesSent,
			Duration: of.Duration, Again: of.Again, Wait: of.Wait,
		}
		if of.Failure != nil {
			a.Err = newError(op, of.Failure)
		}
		if c.config.observer != nil {
			c.config.observer(a)
		}
		if c.config.logger != nil {
			c.log(a, req)
		}
	}
}

// log writes a warning for an attempt that will be repeated, else a debug line.
func (c *Client) log(a Attempt, req *http.Request) {
	level, message := slog.LevelDebug, "commbox: attempt"
	args := []any{
		"op", a.Op, "path", shortPath(req.URL), "attempt", a.Number, "status", a.StatusCode, "bytes_sent", a.BytesSent, "duration", a.Duration,
	}
	if a.Again {
		level, message, args = slog.LevelWarn, "commbox: trying again", append(args, "wait", a.Wait)
	}
	if a.Err != nil {
		args = append(args, "error", a.Err.Error())
	}
	c.config.logger.Log(req.Context(), level, message, args...)
}
