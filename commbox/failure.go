package commbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
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
		f.outcome, f.MaybeDelivered = unusable, false
		f.Err = input
	case !began && untrusted(err):
		f.outcome, f.Err = unusable, err
	case !began || isDial(err):
		f.outcome, f.MaybeDelivered = notSent, false
		f.Err = r.attempt.cause(err)
	default:
		f.outcome, f.Err = broken, r.attempt.cause(err)
	}
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
// made of it.
func (a *attempt) cause(err error) error {
	if cause := context.Cause(a.req.Context()); cause != nil {
		return cause
	}
	return err
}

// untrusted reports whether the other side is not the one that was to be
// reached, or cannot be talked to: no attempt mends that.
func untrusted(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		alert        tls.AlertError
		record       tls.RecordHeaderError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		certificate  x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &alert) || errors.As(err, &record) ||
		errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &certificate) ||
		errors.Is(err, http.ErrSchemeMismatch)
}

// isDial reports a failure to connect, also where a RoundTripper of the
// caller's does not report on its connections.
func isDial(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &dns)
}
