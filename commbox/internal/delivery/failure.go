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

// Failure is how a call, or an attempt of it, failed. It is made once and never
// changed.
type Failure struct {
	Kind           Kind
	Answer         *Answer // the server's last; nil: none
	Err            error   // the cause, if it is not the answer itself
	StopReason     string  // why there was no further attempt, if the failure does not say it
	Keys           []string
	Attempts       int
	BytesSent      int64 // of the body, in the last attempt
	MaybeDelivered bool
	RetryAfter     time.Duration
	hasRetryAfter  bool
}

// Answer is an answer of the server, read to its end or to the limit.
type Answer struct {
	Status  int // of HTTP, or what Call.Judge made of it
	Header  http.Header
	Payload []byte
}

// RetryLater reports whether the same call may succeed at another time.
func (f *Failure) RetryLater() bool {
	return f.again(true) || slices.Contains([]Kind{Ended, NoKey, NotReplayable, Throttled}, f.Kind)
}

func (f *Failure) again(repeatSafe bool) bool {
	return again(f.Kind, f.status(), f.hasRetryAfter, repeatSafe)
}

func (f *Failure) status() int {
	if f.Answer == nil {
		return 0
	}
	return f.Answer.Status
}

// unanswered is the failure of an attempt without an answer.
func (c *call) unanswered(ctx context.Context, err error) *Failure {
	body := c.progress.state()
	switch cause := cause(ctx, err); {
	case c.ctx.Err() != nil:
		return c.failed(Failure{Kind: Ended, Err: WhyEnded(c.ctx), MaybeDelivered: body.arrived})
	case body.err != nil:
		return c.failed(Failure{Kind: BadRequest, Err: body.err})
	case isUntrusted(err, body.arrived):
		return c.failed(Failure{Kind: Untrusted, Err: err})
	case !body.arrived || isDial(err):
		return c.failed(Failure{Kind: NotSent, Err: cause})
	default:
		if _, ok := errors.AsType[*timeoutError](cause); !ok {
			cause = fmt.Errorf("connection lost: %w", cause)
		}
		return c.failed(Failure{Kind: Lost, Err: cause, MaybeDelivered: true})
	}
}

// refused is the failure that an answer amounts to; nil: none. readErr is what
// ended the reading of it.
func (c *call) refused(ctx context.Context, resp *http.Response, payload []byte, readErr error) *Failure {
	var verdict Verdict
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		if verdict = c.verdict(ctx, resp, payload, readErr); verdict == (Verdict{}) {
			return nil
		}
	}
	c.progress.status = cmp.Or(verdict.Status, resp.StatusCode)
	f := Failure{
		Kind: verdict.Kind, Err: verdict.Err,
		Answer: &Answer{Status: c.progress.status, Header: resp.Header, Payload: payload},
	}
	f.RetryAfter, f.hasRetryAfter = retryAfter(resp.Header, c.Clock.Now())
	// What is tried again only where that is safe may have been processed.
	f.MaybeDelivered = f.Kind != Answered || f.again(true) != f.again(false)
	return c.failed(f)
}

// verdict is what there is to say of a 2xx.
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

// failed completes the failure of an attempt. MaybeDelivered holds for the
// attempts before it too.
func (c *call) failed(f Failure) *Failure {
	f.Attempts, f.Keys, f.BytesSent = c.attempts, c.keys, c.progress.state().taken
	f.MaybeDelivered = f.MaybeDelivered || c.last != nil && c.last.MaybeDelivered
	return &f
}

// WhyEnded is the error of a context, with its cause if it has one of its own.
func WhyEnded(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause != nil && !errors.Is(cause, err) {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// cause is what ended an attempt: its own timeout rather than what net/http made
// of it.
func cause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &timeoutError{err.Error()}
	}
	return err
}

// isUntrusted reports whether the two sides do not accept each other, or cannot
// talk to each other: no further attempt changes that. A TLS alert may come only
// after the handshake.
func isUntrusted(err error, began bool) bool {
	op, ok := errors.AsType[*net.OpError](err)
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	return ok && op.Op == "remote error" || !began && (unverified || noTLS || errors.Is(err, http.ErrSchemeMismatch))
}

// isDial reports a failure to connect, also where a RoundTripper does not
// report on its connections.
func isDial(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	_, dns := errors.AsType[*net.DNSError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect") || dns
}
