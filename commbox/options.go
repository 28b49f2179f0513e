package commbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/commbox-go/client/commbox/internal/delivery"
)

// DefaultBaseURL is the address of CommBox.
const DefaultBaseURL = "https://api.commbox.io/"

// config holds what the options of New set.
type config struct {
	engine         delivery.Config
	baseURL        string
	userAgent      []string // one value for all requests: it is never changed
	logger         *slog.Logger
	observer       func(Attempt)
	unlimitedMedia bool
	insecureHTTP   bool
}

// Option changes a Client that New makes.
type Option func(*config)

// WithBaseURL sets the address of the API; the default is DefaultBaseURL. It must
// be https, or http to a loopback address.
func WithBaseURL(baseURL string) Option { return func(c *config) { c.baseURL = baseURL } }

// WithHTTPClient sets the client that makes the attempts, with its transport and
// cookies. Its Timeout limits each attempt. The client itself is not changed, and
// redirects are not followed. The default is a client with NewTransport.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) {
		if client != nil {
			c.engine.HTTP = *client
		}
	}
}

// WithUserAgent sets the User-Agent; the default names this module and its
// version.
func WithUserAgent(userAgent string) Option {
	return func(c *config) { c.userAgent = []string{userAgent} }
}

// WithRetry sets how often calls are tried, and how long they wait in between.
func WithRetry(policy RetryPolicy) Option {
	return func(c *config) { c.engine.Policy = policy.withDefaults() }
}

// WithLogger sets a logger. It gets a debug line per attempt and a warning per
// retry, without the key and with stream IDs shortened. By default nothing is
// logged.
func WithLogger(logger *slog.Logger) Option { return func(c *config) { c.logger = logger } }

// WithObserver sets a function that is called after every attempt, for metrics. It
// runs in the goroutine of the call and delays the call. Concurrent calls call it
// concurrently.
func WithObserver(observer func(Attempt)) Option { return func(c *config) { c.observer = observer } }

// WithStallTimeout sets how long an attempt may go on without progress while its
// request is being sent. Default 30 s. Progress means that the operating system
// takes more bytes, on Linux 1 to 4 MiB at a time. Set a longer time for a
// connection slower than about 50 KB/s.
func WithStallTimeout(d time.Duration) Option { return func(c *config) { c.engine.StallTimeout = d } }

// WithResponseTimeout sets how long an attempt waits for the whole answer after the
// last byte of the request was sent. Default 2 min.
func WithResponseTimeout(d time.Duration) Option {
	return func(c *config) { c.engine.ResponseTimeout = d }
}

// WithMaxResponseBytes sets how large an answer may be. Default 1 MiB.
func WithMaxResponseBytes(n int64) Option { return func(c *config) { c.engine.MaxResponse = n } }

// WithoutMediaLimits allows files whose type or size WhatsApp does not accept.
func WithoutMediaLimits() Option { return func(c *config) { c.unlimitedMedia = true } }

// WithInsecureHTTP allows a plain http base URL that is not loopback. Everybody on
// the way can then read the key.
func WithInsecureHTTP() Option { return func(c *config) { c.insecureHTTP = true } }

// RetryPolicy says how often a call is tried, and how long it waits in between. The
// zero value of a field means its default. New refuses negative values. The default
// delays are those of the AWS SDKs of November 2026.
type RetryPolicy struct {
	// MaxAttempts is the maximum number of requests of one call, including the
	// first. Default 4.
	MaxAttempts int
	// BaseDelay is the upper bound of the first delay after a transient
	// failure; it doubles with every attempt. Default 50 ms.
	BaseDelay time.Duration
	// ThrottleDelay replaces BaseDelay after a 429 without Retry-After. Default 1 s.
	ThrottleDelay time.Duration
	// MaxDelay limits computed delays, but not a Retry-After. Default 20 s.
	MaxDelay time.Duration
	// MaxRetryAfter is the longest Retry-After that a call waits for. A longer one
	// ends the call at once, and is in Error.RetryAfter. One 429 delays the other
	// calls of a Client for at most MaxRetryAfter. Default 2 min.
	MaxRetryAfter time.Duration
}

// NoRetry returns the policy that makes a single attempt.
func NoRetry() RetryPolicy { return RetryPolicy{MaxAttempts: 1} }

func (p RetryPolicy) withDefaults() delivery.Policy {
	return delivery.Policy{
		MaxAttempts:   cmp.Or(p.MaxAttempts, 4),
		BaseDelay:     cmp.Or(p.BaseDelay, 50*time.Millisecond),
		ThrottleDelay: cmp.Or(p.ThrottleDelay, time.Second),
		MaxDelay:      cmp.Or(p.MaxDelay, 20*time.Second),
		MaxRetryAfter: cmp.Or(p.MaxRetryAfter, 2*time.Minute),
	}
}

// Clock measures the waits between attempts; see WithClock. It must be safe for
// concurrent use.
type Clock interface {
	Now() time.Time
	// Sleep blocks for d, or until ctx ends.
	Sleep(ctx context.Context, d time.Duration)
}

// WithClock replaces the clock for the waits between attempts, so that a test of
// throttling takes no time. commboxtest.NewClock makes such a clock. A test should
// expect at least the Retry-After: waits after a 429 are spread out. The timeouts
// of attempts and the caller's deadline still use the real time.
func WithClock(to Clock) Option {
	if to == nil {
		return nil // New ignores it
	}
	return func(c *config) { c.engine.Clock.Now, c.engine.Clock.Sleep = to.Now, to.Sleep }
}

// check returns everything that is wrong with the options, or nil.
func (c *config) check() error {
	errs := []error{checkBaseURL(c.baseURL, c.insecureHTTP)}
	e, p := c.engine, c.engine.Policy
	if p.MaxAttempts <= 0 || e.MaxResponse <= 0 ||
		min(p.BaseDelay, p.ThrottleDelay, p.MaxDelay, p.MaxRetryAfter, e.StallTimeout, e.ResponseTimeout) <= 0 {
		errs = append(errs, invalid("the retry policy, the stall timeout, the response timeout and the limit of an answer must be positive"))
	}
	if unusableInHeader(c.userAgent[0]) {
		errs = append(errs, invalid("the user agent contains a control character"))
	}
	return errors.Join(errs...)
}

func checkBaseURL(raw string, insecure bool) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		// The error of url.Parse repeats the whole URL, a password included.
		return invalid("the base URL cannot be parsed; want https://host/path")
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "", u.User != nil, strings.ContainsAny(raw, "?#"):
		return invalid("the base URL %q is not of the form https://host/path", u.Redacted())
	case u.Scheme == "http" && !insecure && !strings.EqualFold(u.Hostname(), "localhost") && !net.ParseIP(u.Hostname()).IsLoopback():
		return invalid("the base URL %q would send the API key unencrypted; use https, or WithInsecureHTTP", u.Redacted())
	default:
		return nil
	}
}

// invalid makes an ErrInvalidInput with a reason.
func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrInvalidInput, fmt.Errorf(format, args...))
}
