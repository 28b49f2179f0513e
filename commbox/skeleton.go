// Package commbox: skeleton while the real files are written (signatures are final).
package commbox

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/commbox-go/client/gen"
)

type Client struct{}

func New(key KeySource, opts ...Option) (*Client, error) { panic("skeleton") }
func NewFromEnv(opts ...Option) (*Client, error)         { panic("skeleton") }

func (c *Client) UploadMedia(ctx context.Context, streamID string, file File, edits ...gen.RequestEditorFn) (*Media, error) {
	panic("skeleton")
}
func (c *Client) UploadAll(ctx context.Context, streamID string, files iter.Seq[File], workers int) iter.Seq[Result] {
	panic("skeleton")
}
func (c *Client) API() *gen.ClientWithResponses { panic("skeleton") }

type KeySource interface {
	Key(ctx context.Context) (string, error)
}
type KeyFunc func(ctx context.Context) (string, error)

func (f KeyFunc) Key(ctx context.Context) (string, error) { return f(ctx) }
func APIKey(key string) KeySource                         { panic("skeleton") }
func APIKeyEnv(name string) KeySource                     { panic("skeleton") }
func APIKeyFile(path string) KeySource                    { panic("skeleton") }

type File struct {
	Name        string
	ContentType string
	Size        int64
	Open        func() (io.ReadCloser, error)
	Progress    func(sent, total int64)
}

func FromPath(path string) File                { panic("skeleton") }
func FromFS(fsys fs.FS, name string) File      { panic("skeleton") }
func FromBytes(name string, data []byte) File  { panic("skeleton") }
func FromReader(name string, r io.Reader) File { panic("skeleton") }

type Media struct {
	ID, Filename string
	ContentType  string
	Size         int64
	Attempts     int
}
type Result struct {
	File  File
	Media *Media
	Err   error
}

type Option func(*struct{})

func WithBaseURL(url string) Option              { panic("skeleton") }
func WithHTTPClient(hc *http.Client) Option      { panic("skeleton") }
func WithUserAgent(ua string) Option             { panic("skeleton") }
func WithRetry(p RetryPolicy) Option             { panic("skeleton") }
func WithLogger(l *slog.Logger) Option           { panic("skeleton") }
func WithStallTimeout(d time.Duration) Option    { panic("skeleton") }
func WithResponseTimeout(d time.Duration) Option { panic("skeleton") }
func WithMaxResponseBytes(n int64) Option        { panic("skeleton") }
func WithObserver(fn func(Attempt)) Option       { panic("skeleton") }
func WithoutMediaLimits() Option                 { panic("skeleton") }
func WithInsecureHTTP() Option                   { panic("skeleton") }

// NewTransport returns the transport that a Client uses when the caller gives none.
func NewTransport() *http.Transport { panic("skeleton") }

type RetryPolicy struct {
	MaxAttempts   int
	BaseDelay     time.Duration
	MaxDelay      time.Duration
	MaxRetryAfter time.Duration
}

func NoRetry() RetryPolicy { return RetryPolicy{MaxAttempts: 1} }

// Attempt is what an observer sees of one attempt.
type Attempt struct {
	Op         string
	Method     string
	Number     int   // 1 for the first
	StatusCode int   // 0: no answer
	Err        error // nil if the attempt succeeded
	BytesSent  int64
	Duration   time.Duration
	Wait       time.Duration // before the next attempt; 0 if there is none
}

func Header(key, value string) gen.RequestEditorFn { panic("skeleton") }
func RepeatSafe() gen.RequestEditorFn              { panic("skeleton") }

type Failure struct{ Recipient, Status, Reason string }

type Error struct {
	Op                  string
	StatusCode          int
	Status, Description string
	ResponseTime        time.Time
	Failures            []Failure
	RetryAfter          time.Duration
	Header              http.Header
	Body                []byte
	Attempts            int
	BytesSent           int64
	MaybeDelivered      bool
	Err                 error
}

func (e *Error) Error() string { return "" }
func (e *Error) Unwrap() error { return e.Err }

var ErrInvalidInput, ErrNotReplayable, ErrBadRequest, ErrUnauthorized, ErrNotFound, ErrRateLimited, ErrServer, ErrInvalidResponse error
