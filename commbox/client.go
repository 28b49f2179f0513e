package commbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/commbox-go/client/commbox/internal/delivery"
	"github.com/commbox-go/client/gen"
)

// Client calls the CommBox API. Make one with New and keep it (the calls of any
// other are ErrInvalidInput): its connections,
// its knowledge of throttling and its retry budget are shared by all calls. It
// is safe for concurrent use.
type Client struct {
	config
	delivery *delivery.Client
}

// New returns a Client that authenticates with key. Options that cannot work
// are reported together in an *Error that is ErrInvalidInput.
func New(key KeySource, opts ...Option) (*Client, error) {
	cfg := config{
		baseURL:         DefaultBaseURL,
		userAgent:       defaultUserAgent(),
		stallTimeout:    30 * time.Second,
		responseTimeout: 2 * time.Minute,
		maxResponse:     1 << 20,
	}
	for _, opt := range opts {
		if opt != nil {
			opt(&cfg)
		}
	}
	errs := []error{cfg.check()}
	if known, ok := key.(promptKey); ok && known.fixed {
		_, err := checked(known)(context.Background())
		errs = append(errs, err)
	} else if key == nil {
		errs = append(errs, invalid("the key source is nil"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, notSent(context.Background(), opNew, err)
	}
	cfg.baseURL = strings.TrimSuffix(cfg.baseURL, "/") + "/"
	return &Client{config: cfg, delivery: delivery.New(cfg.delivery(key))}, nil
}

const opNew = "new client"

// delivery is what the engine needs to know of the options. Of an http.Client
// it takes all but the redirects: to follow one would hand the key, and a file,
// to whoever the answer names.
func (c config) delivery(key KeySource) delivery.Config {
	client := c.http
	if client == nil {
		client = &http.Client{Transport: NewTransport()}
	}
	return delivery.Config{
		Transport: cmp.Or(client.Transport, http.DefaultTransport), Jar: client.Jar, Timeout: client.Timeout,
		Key: checked(key), Authorize: c.authorize, Policy: c.policy.withDefaults(),
		StallTimeout: c.stallTimeout, ResponseTimeout: c.responseTimeout, MaxResponse: c.maxResponse, Clock: c.clock,
	}
}

// authorize sets the headers that every request carries.
func (c config) authorize(h http.Header, key string) {
	h.Set("Authorization", "Bearer "+key)
	h.Set("User-Agent", c.userAgent)
	if h["Accept"] == nil {
		h.Set("Accept", "application/json")
	}
}

// NewFromEnv is New with the key from COMMBOX_API_KEY, or from the file that
// COMMBOX_API_KEY_FILE names, and the base URL from COMMBOX_BASE_URL if it is
// set. Options come after the environment.
func NewFromEnv(opts ...Option) (*Client, error) {
	var key KeySource
	switch {
	case os.Getenv("COMMBOX_API_KEY") != "":
		key = APIKeyEnv("COMMBOX_API_KEY")
	case os.Getenv("COMMBOX_API_KEY_FILE") != "":
		key = APIKeyFile(os.Getenv("COMMBOX_API_KEY_FILE"))
	default:
		return nil, notSent(context.Background(), opNew, invalid("neither COMMBOX_API_KEY nor COMMBOX_API_KEY_FILE is set"))
	}
	baseURL := cmp.Or(os.Getenv("COMMBOX_BASE_URL"), DefaultBaseURL)
	return New(key, append([]Option{WithBaseURL(baseURL)}, opts...)...)
}

// API returns the generated client: every operation of the document, with the
// same authentication, retries, limits and errors as UploadMedia. IDs in paths
// are given to it raw or percent-encoded; one that is none is ErrInvalidInput.
//
// Any answer but a documented 2xx is an *Error, also one that the document
// describes: the typed results for a 400 or a 404 stay nil, and the error has
// what they would hold, in Failures, Description and Body.
func (c *Client) API() *gen.ClientWithResponses {
	return &gen.ClientWithResponses{ClientInterface: &gen.Client{Server: c.baseURL, Client: chain{c}}}
}

// CloseIdleConnections closes the connections that no call is using, as
// http.Client does. A Client that is given up without it loses them after 90
// seconds.
func (c *Client) CloseIdleConnections() {
	if c.delivery != nil {
		c.delivery.CloseIdleConnections()
	}
}

const modulePath = "github.com/commbox-go/client"

// defaultUserAgent names the version of this module that is in the program.
func defaultUserAgent() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range append(info.Deps, &info.Main) {
			if module.Path == modulePath && module.Version != "" && module.Version != "(devel)" {
				version = module.Version
			}
		}
	}
	return fmt.Sprintf("commbox-go/%s (%s; %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
