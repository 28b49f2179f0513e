package commbox

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/commbox-go/client/gen"
)

// Client calls the CommBox API. Make one with New and keep it: its connections,
// its knowledge of throttling and its retry budget are shared by all calls. It
// is safe for concurrent use.
type Client struct {
	api            *gen.ClientWithResponses
	chain          *chain
	baseURL        string // with a final slash
	unlimitedMedia bool
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
		clock:           realClock(),
	}
	for _, opt := range opts {
		opt(&cfg)
	}
	err := cfg.check()
	if err == nil && key == nil {
		err = invalid("the key source is nil")
	}
	if err != nil {
		return nil, &Error{Op: "new client", Err: err, outcome: unusable}
	}
	doer := &chain{
		http:            withoutRedirects(cfg.http),
		key:             key,
		userAgent:       cfg.userAgent,
		policy:          cfg.policy.withDefaults(),
		stallTimeout:    cfg.stallTimeout,
		responseTimeout: cfg.responseTimeout,
		maxResponse:     cfg.maxResponse,
		logger:          cfg.logger,
		observer:        cfg.observer,
		clock:           cfg.clock,
		watchdog:        newWatchdog(min(cfg.stallTimeout, cfg.responseTimeout)),
	}
	api, err := gen.NewClientWithResponses(cfg.baseURL, gen.WithHTTPClient(doer))
	if err != nil {
		return nil, &Error{Op: "new client", Err: invalid("%w", err), outcome: unusable}
	}
	return &Client{
		api: api, chain: doer, baseURL: strings.TrimSuffix(cfg.baseURL, "/") + "/", unlimitedMedia: cfg.unlimitedMedia,
	}, nil
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
		return nil, &Error{Op: "new client", Err: invalid("neither COMMBOX_API_KEY nor COMMBOX_API_KEY_FILE is set"), outcome: unusable}
	}
	if baseURL := os.Getenv("COMMBOX_BASE_URL"); baseURL != "" {
		opts = append([]Option{WithBaseURL(baseURL)}, opts...)
	}
	return New(key, opts...)
}

// API returns the generated client: every operation of the document, with the
// same authentication, retries, limits and errors as UploadMedia. IDs in paths
// are given to it raw or percent-encoded; one that is none is ErrInvalidInput.
// An answer of another shape than the document says is an *Error too, with the
// status and the body.
func (c *Client) API() *gen.ClientWithResponses { return c.api }

// CloseIdleConnections closes the connections that no call is using, as
// http.Client does. A Client that is given up without it loses them after a
// minute.
func (c *Client) CloseIdleConnections() { c.chain.http.CloseIdleConnections() }

// withoutRedirects copies client and has it return redirects as answers: to
// follow one would hand the key, and a file, to whoever the answer names.
func withoutRedirects(client *http.Client) *http.Client {
	if client == nil {
		client = &http.Client{Transport: NewTransport()}
	}
	copied := *client
	if copied.Transport == nil {
		copied.Transport = http.DefaultTransport
	}
	copied.Transport = located{copied.Transport}
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &copied
}

// located hides a Location that cannot be parsed, on which http.Client would
// fail, and lose the answer, before it asks whether to follow it.
type located struct{ http.RoundTripper }

func (l located) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(req)
	if err != nil || resp.Header.Get("Location") == "" {
		return resp, err
	}
	if _, err := req.URL.Parse(resp.Header.Get("Location")); err != nil {
		resp.Header.Del("Location")
	}
	return resp, nil
}

func (l located) CloseIdleConnections() {
	if c, ok := l.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
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
