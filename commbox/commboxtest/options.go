package commboxtest

import (
	"time"

	"github.com/commbox-go/client/api"
)

// Option changes how a [Server] is made.
type Option func(*options)

type options struct {
	key             string
	document        []byte
	rateLimit       int
	rateWindow      time.Duration
	continueIgnored bool
}

func defaults() options {
	return options{key: "commboxtest-api-key", document: api.Document()}
}

// WithKey sets the API key that the server accepts; see also [Server.SetKey].
func WithKey(key string) Option { return func(o *options) { o.key = key } }

// WithDocument serves another OpenAPI 3 document (JSON or YAML) than the one this
// module was generated from, for instance the next version of it.
func WithDocument(openapi []byte) Option { return func(o *options) { o.document = openapi } }

// WithRateLimit answers 429 with a Retry-After header to every request after the
// first n of a window of time. CommBox documents the status and no figures.
// Scripted faults come first and are not counted.
func WithRateLimit(n int, window time.Duration) Option {
	return func(o *options) { o.rateLimit, o.rateWindow = n, window }
}

// WithContinueIgnored makes the server one of those that never send
// "100 Continue": a client that asks for it (Expect: 100-continue) has to stop
// waiting by itself. [ContinueIgnored] does it for a single request.
func WithContinueIgnored() Option { return func(o *options) { o.continueIgnored = true } }
