package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
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
}

// RetryLater reports whether the same call may succeed at another time.
func (f *Failure) RetryLater() bool {
	switch f.Kind {
	case Ended, NoKey, NotReplayable, Throttled:
		return true
	default:
		return again(f.Kind, f.status(), false, true)
	}
}

func (f *Failure) status() int {
	if f.Answer == nil {
		return 0
	}
	return f.Answer.Status
}

// unanswered is the failure of an attempt without an answer.
func (c *call) unanswered(a *attempt, err error) *Failure {
	bytes, began := a.progress.sent()
	f := Failure{BytesSent: bytes, MaybeDelivered: began}
	switch _, input := a.progress.currentBody(); {
	case c.ctx.Err() != nil:
		f.Kind, f.Err = Ended, WhyEnded(c.ctx)
	case input != nil:
		f.Kind, f.Err, f.MaybeDelivered = BadRequest, input, false
	case untrusted(err, began):
		f.Kind, f.Err = Untrusted, err
	case !began || isDial(err):
		f.Kind, f.Err, f.MaybeDelivered = NotSent, a.cause(err), false
	default:
		f.Kind, f.Err = Lost, a.cause(err)
		if timeout := (*timeoutError)(nil); !errors.As(f.Err, &timeout) {
			f.Err = fmt.Errorf("connection lost: %w", f.Err)
		}
	}
	return c.failed(f)
}

// answered is the failure that an answer amounts to; nil: none. readErr is what
// ended the reading of it.
func (c *call) answered(a *attempt, resp *http.Response, payload []byte, readErr error) *Failure {
	answer := Answer{Status: resp.StatusCode, Header: resp.Header, Payload: payload}
	f := Failure{Answer: &answer}
	f.BytesSent, _ = a.progress.sent()
	f.RetryAfter, answer.hasRetryAfter = retryAfter(resp.Header, c.Clock.Now())
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		f.MaybeDelivered = true
		var verdict Verdict
		switch {
		case readErr != nil && c.ctx.Err() != nil:
			f.Kind, f.Err = Ended, WhyEnded(c.ctx)
		case errors.Is(readErr, errTooLarge):
			f.Kind, f.Err = Useless, fmt.Errorf("%w of %d bytes", readErr, c.MaxResponse)
		case readErr != nil:
			f.Kind, f.Err = Lost, fmt.Errorf("reading the answer: %w", a.cause(readErr))
		case !a.progress.bodySent():
			f.Kind, f.Err = Lost, errors.New("the answer came before the body was sent")
		case c.Judge != nil:
			verdict = c.Judge(resp, payload)
			fallthrough
		default:
			switch {
			case verdict.Status != 0:
				answer.Status = verdict.Status
			case verdict.Cut:
				f.Kind, f.Err = Lost, verdict.Err
			case verdict.Err != nil:
				f.Kind, f.Err = Useless, verdict.Err
			default:
				return nil
			}
		}
	}
	if f.Kind == Answered {
		f.MaybeDelivered = again(Answered, answer.Status, answer.hasRetryAfter, true) &&
			!again(Answered, answer.Status, answer.hasRetryAfter, false)
	}
	return c.failed(f)
}

// failed completes the failure of an attempt. MaybeDelivered holds for the
// attempts before it too.
func (c *call) failed(f Failure) *Failure {
	f.Attempts, f.Keys = c.attempts, c.keys
	f.MaybeDelivered = f.MaybeDelivered || c.last != nil && c.last.MaybeDelivered
	return &f
}

// giveUp is the failure that the call ends with: the last one, with what
// prevented another attempt, if something did. The server's last answer is not
// lost because a later attempt got none.
func (c *call) giveUp(kind Kind, cause error, reason string) *Failure {
	f := Failure{Kind: kind, Err: cause, StopReason: reason, Attempts: c.attempts, Keys: c.keys}
	if last := c.last; last != nil {
		f.Answer, f.BytesSent, f.MaybeDelivered, f.RetryAfter = last.Answer, last.BytesSent, last.MaybeDelivered, last.RetryAfter
		switch {
		case cause == nil:
			f.Err = last.Err
		case last.Err != nil:
			f.Err = fmt.Errorf("%w, after: %w", cause, last.Err)
		}
	}
	if f.Answer == nil && c.lastAnswered != nil {
		f.Answer, f.RetryAfter = c.lastAnswered.Answer, c.lastAnswered.RetryAfter
	}
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

// cause is what ended the attempt: its own timeout rather than what net/http
// made of it.
func (a *attempt) cause(err error) error {
	if cause := context.Cause(a.req.Context()); cause != nil {
		return cause
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &timeoutError{err.Error()}
	}
	return err
}

// untrusted reports whether the two sides do not accept each other, or cannot
// talk to each other: no further attempt changes that. A server may say so
// only after the handshake.
func untrusted(err error, began bool) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" { // a TLS alert
		return true
	}
	var (
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
	)
	return !began && (errors.As(err, &verification) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch))
}

// isDial reports a failure to connect, also where a RoundTripper does not
// report on its connections.
func isDial(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &dns)
}
