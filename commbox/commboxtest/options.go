package commboxtest

import (
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/commbox-go/client/api"
)

// Option changes how a [Server] is made.
type Option func(*options)

type options struct {
	key             string
	document        func() (*document, error)
	rateLimit       int
	rateWindow      time.Duration
	continueIgnored bool
	http2           bool
	secure          bool
	clock           *Clock
	listener        net.Listener
	faultOf         func(*http.Request) (Fault, bool)
	violated        func(string)
}

func (o options) now() time.Time {
	if o.clock != nil {
		return o.clock.Now()
	}
	return time.Now()
}

func (o options) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(o.http2)
	return p
}

func defaults() options {
	return options{key: "commboxtest-api-key", document: ownDocument, violated: func(string) {}}
}

// ownDocument is the document of this module. All servers share it.
var ownDocument = sync.OnceValues(func() (*document, error) { return loadDocument(api.Document()) })

// WithKey sets the API key that the server accepts; see also [Server.SetKey].
func WithKey(key string) Option { return func(o *options) { o.key = key } }

// WithDocument replaces the OpenAPI 3 document that this module was generated from by
// another (JSON or YAML), for instance by its next version.
func WithDocument(openapi []byte) Option {
	return func(o *options) {
		o.document = func() (*document, error) { return loadDocument(openapi) }
	}
}

// WithRateLimit answers 429 with a Retry-After header to every request after the
// first n in a window of time. CommBox documents the status, but no numbers. A
// request that meets a scripted fault is neither counted nor refused.
func WithRateLimit(n int, window time.Duration) Option {
	return func(o *options) { o.rateLimit, o.rateWindow = n, window }
}

// WithContinueIgnored makes a server that never sends "100 Continue", so a client
// that asks for it (Expect: 100-continue) has to stop waiting by itself.
// [ContinueIgnored] does the same for a single request.
func WithContinueIgnored() Option { return func(o *options) { o.continueIgnored = true } }

// WithClock makes [WithRateLimit] and the clients of [Server.Client] use a clock on
// which waits take no time.
func WithClock(c *Clock) Option { return func(o *options) { o.clock = c } }

// WithTLS serves HTTPS with a certificate for 127.0.0.1 and [::1], which
// [Server.HTTPClient] and [Server.Client] trust.
func WithTLS() Option { return func(o *options) { o.secure = true } }

// WithHTTP2 makes a TLS server offer HTTP/2, and [Server.HTTPClient] use it. A fault
// that ends a connection then ends all requests on it, and [ContinueIgnored] has no
// effect.
func WithHTTP2() Option { return func(o *options) { o.http2 = true } }

// WithListener serves on the given TCP listener instead of a free port. Close closes
// the listener.
func WithListener(l net.Listener) Option { return func(o *options) { o.listener = l } }

// WithFaultOf sets a function that chooses the fault for each request. If it returns
// true, the request meets that fault, and takes none from the script of [Server.Fail].
func WithFaultOf(of func(*http.Request) (Fault, bool)) Option {
	return func(o *options) { o.faultOf = of }
}

// WithViolated sets a function that gets each of the [Server.Violations] when it
// happens. Handlers of requests call it concurrently.
func WithViolated(violated func(sentence string)) Option {
	return func(o *options) { o.violated = violated }
}
