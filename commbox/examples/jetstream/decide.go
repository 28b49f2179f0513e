package main

import (
	"crypto/tls"
	"errors"
	"time"

	"github.com/commbox-go/client/commbox"
)

// fate is what happens to a job after an upload.
type fate int

const (
	done  fate = iota // record the media ID
	later             // return it to the queue for decision.after
	never             // record the reason of the failure
	halt              // return it to the queue and end the worker, because no job can succeed
)

type decision struct {
	fate  fate
	after time.Duration
}

const (
	firstDelay = time.Second
	maxDelay   = 5 * time.Minute
	// maxDeliveries is how often a job is tried that CommBox never refuses. With the
	// longest delay that takes about half a day.
	maxDeliveries = 150
)

// decide decides what happens to a job whose upload ended with err. deliveries is how
// often the job was delivered. random must be uniform in [0, 1).
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

// blamesWorker reports whether a failure is not the job's: the key is missing or refused,
// or CommBox's certificate is not trusted. Giving up such jobs would empty the queue.
func blamesWorker(err error) bool {
	var untrusted *tls.CertificateVerificationError
	return errors.Is(err, commbox.ErrUnauthorized) || errors.Is(err, errNoKey) || errors.As(err, &untrusted)
}

// backoff returns the delay if CommBox names none. It doubles with each delivery. Half of
// it is random, so that jobs that failed together do not return together.
func backoff(deliveries uint64, random float64) time.Duration {
	delay := maxDelay
	if deliveries < 10 {
		delay = min(maxDelay, firstDelay<<(deliveries-1))
	}
	return time.Duration((1 + random) / 2 * float64(delay))
}

// pause returns how long a slot waits before it takes another job. While CommBox
// throttles, the next job would fail as well.
func pause(err error, d decision) time.Duration {
	if d.fate == later && errors.Is(err, commbox.ErrRateLimited) {
		return d.after
	}
	return 0
}
