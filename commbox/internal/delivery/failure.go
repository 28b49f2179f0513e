package delivery

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"
)

// Failure describes how a call or an attempt failed. It does not change after it was
// made.
type Failure struct {
	Kind           Kind
	Answer         Answer   // the server's last
	Err            error    // the cause, if it is not the answer itself
	StopReason     string   // why there was no further attempt, if the failure does not say it
	Keys           []string // of all attempts: an error must not show them
	Attempts       int
	BytesSent      int64 // of the body, in the last attempt
	MaybeDelivered bool
	RetryAfter     time.Duration
	hasRetryAfter  bool
}

// Answer is an answer of the server, read to its end or to the limit.
type Answer struct {
	Status  int // the HTTP status, or the Verdict's; 0: there is no answer
	Header  http.Header
	Payload []byte
}

// RetryLater reports whether the same call may succeed later.
func (f *Failure) RetryLater() bool {
	return f.mayRepeat(true) || slices.Contains([]Kind{Ended, NoKey, NotReplayable, Throttled}, f.Kind)
}

func (f *Failure) mayRepeat(repeatSafe bool) bool {
	return mayRepeat(f.Kind, f.Answer.Status, f.hasRetryAfter, repeatSafe)
}

// unanswered makes the failure of an attempt that got no answer.
func (c *call) unanswered(ctx context.Context, err error) *Failure {
	body := c.progress.state()
	f := Failure{Kind: Lost, Err: cause(ctx, err)}
	_, timeout := errors.AsType[*timeoutError](f.Err)
	switch {
	case c.ctx.Err() != nil:
		f.Kind, f.Err = Ended, WhyEnded(c.ctx)
	case body.err != nil:
		f.Kind, f.Err = BadRequest, body.err
	case isUntrusted(err, body.arrived):
		f.Kind = Untrusted
	case !body.arrived || isDial(err):
		f.Kind = NotSent
	case !timeout:
		f.Err = fmt.Errorf("connection lost: %w", f.Err)
	}
	return c.failed(f)
}

// answered makes the failure that an answer stands for. It returns nil for a success.
// readErr is the error of reading the answer.
func (c *call) answered(ctx context.Context, resp *http.Response, payload []byte, readErr error) *Failure {
	var verdict Verdict
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		if verdict = c.verdict(ctx, resp, payload, readErr); verdict == (Verdict{}) {
			return nil
		}
	}
	c.progress.status = cmp.Or(verdict.Status, resp.StatusCode)
	f := Failure{Kind: verdict.Kind, Err: verdict.Err, Answer: Answer{c.progress.status, resp.Header, payload}}
	f.RetryAfter, f.hasRetryAfter = retryAfter(resp.Header, c.Clock.Now())
	return c.failed(f)
}

// verdict judges a 2xx.
func (c *call) verdict(ctx context.Context, resp *http.Response, payload []byte, readErr error) Verdict {
	_, tooLarge := errors.AsType[*http.MaxBytesError](readErr)
	switch {
	case readErr != nil && c.ctx.Err() != nil:
		return Verdict{Kind: Ended, Err: WhyEnded(c.ctx)}
	case tooLarge:
		return Verdict{Kind: Useless, Err: fmt.Errorf("the answer is larger than the limit of %d bytes", c.MaxResponse)}
	case readErr != nil:
		return Verdict{Kind: Lost, Err: fmt.Errorf("reading the answer: %w", cause(ctx, readErr))}
	case !c.progress.state().complete:
		return Verdict{Kind: Lost, Err: errors.New("the answer came before the body was sent")}
	case c.Judge == nil:
		return Verdict{}
	default:
		return c.Judge(resp, payload)
	}
}

// failed completes the failure of an attempt. A failure that is tried again only for
// repeat-safe calls is MaybeDelivered, and so is every failure after one.
func (c *call) failed(f Failure) *Failure {
	body := c.progress.state()
	f.Attempts, f.Keys, f.BytesSent = c.attempts, c.keys, body.taken
	f.MaybeDelivered = c.last != nil && c.last.MaybeDelivered || f.mayRepeat(true) != f.mayRepeat(false) ||
		f.Kind == Useless || f.Kind == Ended && (body.arrived || f.Answer.Status != 0)
	return &f
}

// WhyEnded returns the error of an ended context, with its cause if that differs.
func WhyEnded(ctx context.Context) error {
	if err, cause := ctx.Err(), context.Cause(ctx); !errors.Is(cause, err) {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return ctx.Err()
}

// cause returns what ended an attempt: its own timeout, if there was one, instead of
// the error that net/http made of it.
func cause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &timeoutError{err.Error()}
	}
	return err
}

// isUntrusted reports whether the two sides do not trust each other or do not speak
// the same protocol, which another attempt cannot change. A TLS alert may come after
// the handshake. Two alerts only report an accident (RFC 8446, section 6.2).
func isUntrusted(err error, began bool) bool {
	op, ok := errors.AsType[*net.OpError](err)
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	refused := ok && op.Op == "remote error" && !slices.Contains([]string{"tls: internal error", "tls: bad record MAC"}, op.Err.Error())
	return refused || !began && (unverified || noTLS || errors.Is(err, http.ErrSchemeMismatch))
}

// isDial reports whether err is a failure to connect. It also works for a
// RoundTripper that does not call the trace hooks.
func isDial(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	_, dns := errors.AsType[*net.DNSError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect") || dns
}
