package commbox

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/commbox-go/client/commbox/internal/delivery"
	"github.com/commbox-go/client/gen"
)

// Client calls the CommBox API. Make one with New and keep it: all calls share its
// connections, its knowledge of throttling and its retry budget. The calls of a
// Client that was not made by New fail with ErrInvalidInput. A Client is safe for
// concurrent use.
type Client struct {
	baseURL        string
	unlimitedMedia bool
	config         *config
	delivery       *delivery.Client
}

// New returns a Client that authenticates with key. If options cannot work, the
// error is an *Error of the kind ErrInvalidInput that names all of them.
func New(key KeySource, opts ...Option) (*Client, error) {
	cfg := config{baseURL: DefaultBaseURL, userAgent: []string{defaultUserAgent()}, engine: delivery.Config{
		HTTP: http.Client{Transport: NewTransport()}, Policy: RetryPolicy{}.withDefaults(), Clock: delivery.RealClock(),
		StallTimeout: 30 * time.Second, ResponseTimeout: 2 * time.Minute, MaxResponse: 1 << 20,
	}}
	for _, opt := range opts {
		if opt != nil {
			opt(&cfg)
		}
	}
	errs := []error{cfg.check()}
	if known, ok := key.(promptKey); ok && known.fixed {
		_, err := checked(known)(context.Background())
		errs = append(errs, err)
	} else if f, isFunc := key.(KeyFunc); key == nil || isFunc && f == nil {
		errs = append(errs, invalid("the key source is nil"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, notSent(context.Background(), opNew, err)
	}
	cfg.engine.Key, cfg.engine.Authorize = checked(key), cfg.authorize
	baseURL := strings.TrimSuffix(cfg.baseURL, "/") + "/"
	return &Client{baseURL, cfg.unlimitedMedia, &cfg, delivery.New(cfg.engine)}, nil
}

const opNew = "new client"

// acceptJSON is one value for all requests: it is never changed.
var acceptJSON = []string{"application/json"}

// authorize sets the headers that every request carries.
func (c config) authorize(h http.Header, key string) {
	h.Set("Authorization", "Bearer "+key)
	h["User-Agent"] = c.userAgent
	if h["Accept"] == nil {
		h["Accept"] = acceptJSON
	}
}

// NewFromEnv is New with the key from COMMBOX_API_KEY, or from the file that
// COMMBOX_API_KEY_FILE names, and the base URL from COMMBOX_BASE_URL if it is
// set. Options override the environment.
func NewFromEnv(opts ...Option) (*Client, error) {
	var key KeySource
	switch {
	case os.Getenv("COMMBOX_API_KEY") != "":
		key = APIKey(strings.TrimSpace(os.Getenv("COMMBOX_API_KEY")))
	case os.Getenv("COMMBOX_API_KEY_FILE") != "":
		key = APIKeyFile(os.Getenv("COMMBOX_API_KEY_FILE"))
	default:
		return nil, notSent(context.Background(), opNew, invalid("neither COMMBOX_API_KEY nor COMMBOX_API_KEY_FILE is set"))
	}
	baseURL := cmp.Or(os.Getenv("COMMBOX_BASE_URL"), DefaultBaseURL)
	return New(key, append([]Option{WithBaseURL(baseURL)}, opts...)...)
}

// API returns the generated client: every operation of the document, with the
// same authentication, retries, time limits and errors as UploadMedia. Files are not
// checked. An ID in a path may be raw or percent-encoded. An unusable ID is
// ErrInvalidInput. The document has the operations of the pages in api/published;
// make fetch ALL=1 adds all others of CommBox.
//
// Every answer except a documented 2xx is returned as an *Error, even if the
// document describes it: the typed results for a 400 or a 404 stay nil. Their
// content is in Failures, Description and Body of the error.
func (c *Client) API() *gen.ClientWithResponses {
	return &gen.ClientWithResponses{ClientInterface: &gen.Client{Server: c.baseURL, Client: apiDoer{c}}}
}

// CloseIdleConnections closes the connections that no call is using, as
// http.Client does. Without it, they are closed after 90 seconds.
func (c *Client) CloseIdleConnections() {
	if c.delivery != nil {
		c.delivery.HTTP.CloseIdleConnections()
	}
}

// NewTransport returns a new copy of the transport that a Client uses by default.
// Change it to add a certificate authority, a proxy or more connections, and give
// it to WithHTTPClient.
//
// The transport speaks HTTP/1.1, because Go's HTTP/2 client needs more processor
// time and memory for an upload. It keeps enough idle connections that concurrent
// uploads do not need a TLS handshake each. It writes a small file and its header
// at once. It takes its proxy from the environment (HTTPS_PROXY, NO_PROXY), as
// net/http does: never for a loopback address. Its TLSClientConfig is not nil: set
// RootCAs there.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 15 * time.Second}).DialContext, // a DialContext also turns HTTP/2 off
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    15 * time.Second,
		MaxIdleConnsPerHost:    128,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		WriteBufferSize:        16 << 10,
		DisableCompression:     true, // answers are a few hundred bytes
	}
}

// defaultUserAgent names the version of this module in the running program.
func defaultUserAgent() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range append(info.Deps, &info.Main) {
			if module.Path == "github.com/commbox-go/client" {
				version = strings.Trim(cmp.Or(module.Version, version), "()") // "(devel)"
			}
		}
	}
	return fmt.Sprintf("commbox-go/%s (%s; %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
