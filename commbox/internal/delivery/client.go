// Package delivery delivers one HTTP request, if it can be delivered: it
// authorises, announces, sends, watches and bounds each attempt, and decides
// about another one. It knows net/http, and nothing of CommBox.
package delivery

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"time"
)

// Config is what all calls of a Client share.
type Config struct {
	HTTP                          http.Client // of which redirects are not followed; its Timeout is that of an attempt
	Key                           func(context.Context) (string, error)
	Authorize                     func(h http.Header, key string)
	Policy                        Policy
	StallTimeout, ResponseTimeout time.Duration
	MaxResponse                   int64 // bytes
	Clock                         Clock // of the waits between attempts
}

// Clock is what the waits between attempts depend on.
type Clock struct {
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) // until ctx ends
	Random func() float64                             // uniform in [0, 1)
}

// RealClock is the one outside tests.
func RealClock() Clock { return Clock{Now: time.Now, Sleep: sleep, Random: rand.Float64} }

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// Client delivers requests. It is safe for concurrent use.
type Client struct {
	Config
	watchdog   *watchdog
	throttle   throttle
	budget     budget
	announcing announcing
}

// New returns a Client.
func New(config Config) *Client {
	config.HTTP.Transport = cmp.Or(config.HTTP.Transport, http.DefaultTransport)
	return &Client{Config: config, watchdog: newWatchdog(min(config.StallTimeout, config.ResponseTimeout))}
}

// Call is one request to deliver.
type Call struct {
	// Request has a GetBody if its body can be sent again. Such a body is in
	// memory if it is not longer than 12 KiB.
	Request     *http.Request
	Waits       bool                                  // reading the body may wait for another party
	RepeatSafe  bool                                  // the server may process it twice
	MaxAttempts int                                   // instead of the policy's; 0: the policy's
	Key         func(context.Context) (string, error) // instead of the client's; nil: the client's
	Judge       func(*http.Response, []byte) Verdict  // of a complete 2xx; nil: a success
	Observe     func(Attempt)                         // is told of every attempt; nil: nobody
	Release     func()                                // is called when the body of the first attempt was sent; nil: nobody
}

// Verdict is what the caller makes of a complete 2xx. The zero Verdict is a
// success.
type Verdict struct {
	Status int   // a failure all the same, with this status; 0: it is not
	Kind   Kind  // if there is no Status: Lost or Useless
	Err    error // with the Kind
}

// Attempt is what an observer is told of one attempt.
type Attempt struct {
	Number    int
	Status    int // 0: no answer
	BytesSent int64
	Duration  time.Duration
	Again     bool          // another attempt follows
	Wait      time.Duration // before it, at least
	Failure   *Failure      // nil: success
}

// Result is a delivered request.
type Result struct {
	Response  *http.Response // its body is read and closed
	Payload   []byte         // of the answer
	Attempts  int
	BytesSent int64 // of the body
	keys      []string
}

// Useless is the failure of a call whose answer turned out to be of no use.
func (r Result) Useless(err error) *Failure {
	return &Failure{
		Kind: Useless, Err: err, Keys: r.keys, Attempts: r.Attempts, BytesSent: r.BytesSent, MaybeDelivered: true,
		Answer: Answer{Status: r.Response.StatusCode, Header: r.Response.Header, Payload: r.Payload},
	}
}

// Do sends the request until an attempt succeeds or another one makes no
// sense.
func (c *Client) Do(request Call) (Result, *Failure) {
	k := newCall(c, request)
	defer k.end()
	for {
		if f := k.ready(); f != nil {
			return Result{}, f
		}
		result, f := k.send()
		f, again := k.decide(f)
		k.report(f, again)
		if !again {
			return result, f
		}
	}
}

// report tells the observer how an attempt ended.
func (c *call) report(f *Failure, again bool) {
	if c.Observe != nil {
		c.Observe(Attempt{
			Number: c.attempts, Status: c.progress.status, BytesSent: c.progress.state().taken,
			Duration: time.Since(c.progress.began), Again: again, Wait: c.wait, Failure: f,
		})
	}
}
