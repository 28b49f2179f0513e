package main

import (
	"crypto/tls"
	"errors"
	"time"

	"github.com/commbox-go/client/commbox"
)

// What becomes of a job after an attempt.
type fate int

const (
	done  fate = iota // record the media ID
	later             // back into the queue, for the time of decision.after
	never             // record the reason
	halt              // back into the queue; the worker ends, because no job can succeed
)

type decision struct {
	fate  fate
	after time.Duration
}

const (
	firstDelay = time.Second
	maxDelay   = 5 * time.Minute
	// maxDeliveries is where a job is given up that CommBox never says no to: at
	// the longest delay, after about half a day.
	maxDeliveries = 150
)

// decide is what an upload's end means for its job, which was delivered that
// many times. random is uniform in [0, 1).
func decide(err error, deliveries uint64, random float64) decision {
	if err == nil {
		return decision{fate: done}
	}
	if blamesWorker(err) {
		return decision{fate: halt, after: firstDelay}
	}
	after, again := commbox.RetryLater(err)
	switch {
	case !again, deliveries >= maxDeliveries:
		return decision{fate: never}
	case after > 0:
		return decision{fate: later, after: after}
	default:
		return decision{fate: later, after: backoff(deliveries, random)}
	}
}

// blamesWorker reports failures that are not the job's: a key that is missing or
// refused, a CommBox that is not trusted. To give such jobs up would empty the queue.
func blamesWorker(err error) bool {
	var untrusted *tls.CertificateVerificationError
	return errors.Is(err, commbox.ErrUnauthorized) || errors.Is(err, errNoKey) || errors.As(err, &untrusted)
}

// backoff is the delay where CommBox names none: it doubles with each delivery,
// and half of it is random, so that jobs that failed together do not return so.
func backoff(deliveries uint64, random float64) time.Duration {
	delay := maxDelay
	if deliveries < 10 {
		delay = min(maxDelay, firstDelay<<(deliveries-1))
	}
	return time.Duration((1 + random) / 2 * float64(delay))
}

// pause is how long a slot waits before it takes another job: a CommBox that
// throttles would only send the next one back as well.
func pause(err error, d decision) time.Duration {
	if d.fate == later && errors.Is(err, commbox.ErrRateLimited) {
		return d.after
	}
	return 0
}
