// Package delivery delivers one HTTP request. It authorizes, announces, sends and
// watches each attempt, limits its time and its answer, and decides whether to make
// another one. It knows net/http, but nothing about CommBox.
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
	HTTP                          http.Client // redirects are not followed; its Timeout limits an attempt
	Key                           func(context.Context) (string, error)
	Authorize                     func(h http.Header, key string)
	Policy                        Policy
	StallTimeout, ResponseTimeout time.Duration
	MaxResponse                   int64 // bytes
	Clock                         Clock
}

// Clock measures the waits between attempts.
type Clock struct {
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) // until ctx ends
	Random func() float64                             // uniform in [0, 1)
}

// RealClock is the clock of this machine.
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
	// Request has a GetBody if its body can be sent again. If such a body has at
	// most 12 KiB, it must be in memory.
	Request     *http.Request
	MayBlock    bool                                  // reading the body may wait for another program
	RepeatSafe  bool                                  // the server may process it twice
	MaxAttempts int                                   // 0: the policy's
	Key         func(context.Context) (string, error) // nil: the client's
	Judge       func(*http.Response, []byte) Verdict  // judges a complete 2xx; nil: every one is a success
	Observe     func(Attempt)                         // called after every attempt, unless nil
	Release     func()                                // called when the body of the first attempt was sent, unless nil
}

// Verdict is the result of Call.Judge. The zero Verdict is a success.
type Verdict struct {
	Status int   // a failure with this status; 0: see Kind
	Kind   Kind  // if there is no Status: Lost or Useless
	Err    error // the reason for the Kind
}

// Attempt describes one attempt to an observer.
type Attempt struct {
	Number    int
	Status    int // 0: no answer
	BytesSent int64
	Duration  time.Duration
	Again     bool          // another attempt follows
	Wait      time.Duration // the shortest wait before that attempt
	Failure   *Failure      // nil: success
}

// Result is a delivered request.
type Result struct {
	Response  *http.Response // its body has been read and closed
	Payload   []byte         // of the answer
	Attempts  int
	BytesSent int64 // of the body
	keys      []string
}

// Useless makes the failure of a call whose answer the caller cannot use.
func (r Result) Useless(err error) *Failure {
	return &Failure{
		Kind: Useless, Err: err, Keys: r.keys, Attempts: r.Attempts, BytesSent: r.BytesSent, MaybeDelivered: true,
		Answer: Answer{Status: r.Response.StatusCode, Header: r.Response.Header, Payload: r.Payload},
	}
}

// Do makes attempts until one succeeds or another one makes no sense.
func (c *Client) Do(what Call) (Result, *Failure) {
	k := newCall(c, what)
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
