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

// DefaultBaseURL is where CommBox answers.
const DefaultBaseURL = "https://api.commbox.io/"

// config is what the options of New change.
type config struct {
	engine         delivery.Config
	baseURL        string
	userAgent      string
	logger         *slog.Logger
	observer       func(Attempt)
	unlimitedMedia bool
	insecureHTTP   bool
}

// Option changes what New makes.
type Option func(*config)

// WithBaseURL sets where the API is; the default is DefaultBaseURL. It must be
// https, or http to a loopback address.
func WithBaseURL(baseURL string) Option { return func(c *config) { c.baseURL = baseURL } }

// WithHTTPClient sets the client that makes the attempts, with its transport,
// cookies and Timeout, which then bounds each attempt. It is not changed, and
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
func WithUserAgent(userAgent string) Option { return func(c *config) { c.userAgent = userAgent } }

// WithRetry sets how often and how patiently calls are tried.
func WithRetry(policy RetryPolicy) Option {
	return func(c *config) { c.engine.Policy = policy.withDefaults() }
}

// WithLogger sets a logger, which gets a debug line per attempt and a warning
// per retry, without the key and with stream IDs shortened. The default is
// silence.
func WithLogger(logger *slog.Logger) Option { return func(c *config) { c.logger = logger } }

// WithObserver sets a function that is told of every attempt, for metrics. It
// is called from the goroutine of the call, so by several at once, and delays
// the call for as long as it runs.
func WithObserver(observer func(Attempt)) Option { return func(c *config) { c.observer = observer } }

// WithStallTimeout sets how long nothing may move while a request is being
// sent before the attempt is given up. Default 30 s. What moves is what the
// operating system takes, 1 to 4 MiB at a time on Linux: over a link of less
// than about 50 KB/s, give it more.
func WithStallTimeout(d time.Duration) Option { return func(c *config) { c.engine.StallTimeout = d } }

// WithResponseTimeout sets how long the whole answer may take to come after
// the last byte of a request before the attempt is given up. Default 2 min.
func WithResponseTimeout(d time.Duration) Option {
	return func(c *config) { c.engine.ResponseTimeout = d }
}

// WithMaxResponseBytes sets how large an answer may be. Default 1 MiB.
func WithMaxResponseBytes(n int64) Option { return func(c *config) { c.engine.MaxResponse = n } }

// WithoutMediaLimits lets files through whose type or size WhatsApp does not accept.
func WithoutMediaLimits() Option { return func(c *config) { c.unlimitedMedia = true } }

// WithInsecureHTTP allows a base URL of plain http beyond loopback, where
// everybody on the way can read the key.
func WithInsecureHTTP() Option { return func(c *config) { c.insecureHTTP = true } }

// RetryPolicy says how often and how patiently a call is tried. The zero value
// of a field means its default; New refuses negative values. The defaults of
// the delays are those of the AWS SDKs of November 2026.
type RetryPolicy struct {
	// MaxAttempts is the number of requests of one call, the first included.
	// Default 4.
	MaxAttempts int
	// BaseDelay is the upper bound of the first delay after a transient
	// failure; it doubles with every attempt. Default 50 ms.
	BaseDelay time.Duration
	// ThrottleDelay is the same after a 429 without Retry-After. Default 1 s.
	ThrottleDelay time.Duration
	// MaxDelay caps computed delays, not what a server asks for. Default 20 s.
	MaxDelay time.Duration
	// MaxRetryAfter is the longest Retry-After that is waited for. A longer one
	// ends the call at once, with the wait in Error.RetryAfter. It is also the
	// longest that one throttled call holds the others up. Default 2 min.
	MaxRetryAfter time.Duration
}

// NoRetry is the policy of a single attempt.
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

// Clock is what the waits between attempts depend on; see WithClock. It must be
// safe for concurrent use.
type Clock interface {
	Now() time.Time
	// Sleep blocks for d, or until ctx ends.
	Sleep(ctx context.Context, d time.Duration)
}

// WithClock replaces the clock of the waits between attempts: a test of throttling
// then takes no time. commboxtest.NewClock makes one. The timeouts of attempts and
// the caller's deadline keep to the real time.
func WithClock(to Clock) Option {
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
	if unusableInHeader(c.userAgent) {
		errs = append(errs, invalid("the user agent contains a control character"))
	}
	return errors.Join(errs...)
}

func checkBaseURL(raw string, insecure bool) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		// The error of url.Parse repeats the whole URL, a password included.
		return invalid("the base URL cannot be parsed")
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "", u.User != nil, strings.ContainsAny(raw, "?#"):
		return invalid("the base URL %q is not of the form https://host/path", u.Redacted())
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && !insecure:
		return invalid("the base URL %q would send the API key unencrypted; use https, or WithInsecureHTTP", u.Redacted())
	default:
		return nil
	}
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// invalid is an ErrInvalidInput with its reason.
func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrInvalidInput, fmt.Errorf(format, args...))
}
