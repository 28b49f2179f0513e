package commbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// failed is the failure that an attempt without an answer amounts to.
func (r *run) failed(err error) *Error {
	// The URL is long, and has the stream ID in it.
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	bytes, began := r.attempt.sent()
	f := &Error{BytesSent: bytes, MaybeDelivered: began}
	switch input := r.attempt.inputError(); {
	case r.ctx.Err() != nil:
		f.outcome, f.Err = ended, whyEnded(r.ctx)
	case input != nil:
		f.outcome, f.Err, f.MaybeDelivered = unusable, input, false
	case untrusted(err, began):
		f.outcome, f.Err = unusable, err
	case !began || isDial(err):
		f.outcome, f.Err, f.MaybeDelivered = notSent, r.attempt.cause(err), false
	default:
		f.outcome, f.Err = broken, r.attempt.cause(err)
		if timeout := (*timeoutError)(nil); !errors.As(f.Err, &timeout) {
			f.Err = fmt.Errorf("connection lost: %w", f.Err)
		}
	}
	f.redact(r.key)
	return f
}

// whyEnded is the error of a context, with its cause if it has one of its own.
func whyEnded(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause != nil && !errors.Is(cause, err) {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// cause is what ended the attempt: its own timeout rather than what net/http
// made of it. A Timeout of the caller's http.Client is not the caller's context.
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
// talk to each other: no attempt mends that. A server may say so only after
// the handshake.
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

// isDial reports a failure to connect, also where a RoundTripper of the
// caller's does not report on its connections.
func isDial(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &dns)
}
