package faulttest_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/commbox-go/client/commbox"
)

// ending is how an upload of the matrix has to end.
type ending struct {
	attempts int
	stored   int    // copies that the server has at the end
	id       string // the media ID, where the server stored nothing for it

	is        error // the kind of failure; nil: none
	cause     error // what else it is
	status    int   // Error.StatusCode
	delivered bool  // Error.MaybeDelivered
	unsent    bool  // not a byte of the body has been sent
}

// stored is success.
func stored(attempts int) ending { return ending{attempts: attempts, stored: 1} }

// failed is a failure that no attempt mends.
func failed(status int, kind error) ending { return ending{attempts: 1, status: status, is: kind} }

// spent is the failure of a source that would have to be read again. Its status
// says why, or its cause.
func spent(status int, cause error) ending {
	return ending{attempts: 1, status: status, is: commbox.ErrNotReplayable, cause: cause, delivered: true}
}

func (e ending) after(attempts int) ending { e.attempts = attempts; return e }
func (e ending) copies(stored int) ending  { e.stored = stored; return e }
func (e ending) maybe(d bool) ending       { e.delivered = d; return e }
func (e ending) silent() ending            { e.unsent = true; return e }
func (e ending) last(status int, kind error) ending {
	e.status, e.is, e.cause = status, kind, e.is
	return e
}

// errReset stands for the ways in which a reset shows itself.
var errReset = errors.New("reset")

// matches is errors.Is that knows what a lost connection can look like.
func matches(err, target error) bool {
	switch target {
	case errReset: //nolint:errorlint // the sentinel itself; net.ErrClosed: net/http has seen the reset while reading, and closed the connection under the writer
		return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
	case io.EOF:
		return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	default:
		return errors.Is(err, target)
	}
}

// check returns what is wrong with the end of an upload.
func (e ending) check(media *commbox.Media, err error) error {
	if e.is == nil && e.status == 0 {
		switch {
		case err != nil:
			return err
		case media.Attempts != e.attempts:
			return fmt.Errorf("%d attempts, want %d", media.Attempts, e.attempts)
		default:
			return nil
		}
	}
	var f *commbox.Error
	switch {
	case err == nil:
		return fmt.Errorf("no error, want %q", fmt.Sprint(e.is))
	case !errors.As(err, &f):
		return fmt.Errorf("%T, want an *Error: %w", err, err)
	case e.is != nil && !matches(err, e.is), e.cause != nil && !matches(err, e.cause):
		return fmt.Errorf("want %q and %q in: %w", fmt.Sprint(e.is), fmt.Sprint(e.cause), err)
	case f.StatusCode != e.status || f.Attempts != e.attempts || f.MaybeDelivered != e.delivered:
		return fmt.Errorf("status %d, %d attempts, MaybeDelivered %v; want %d, %d, %v: %w",
			f.StatusCode, f.Attempts, f.MaybeDelivered, e.status, e.attempts, e.delivered, err)
	case e.unsent && f.BytesSent != 0:
		return fmt.Errorf("%d bytes were sent, want none: %w", f.BytesSent, err)
	default:
		return nil
	}
}
