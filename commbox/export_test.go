package commbox

import (
	"context"
	"time"

	"github.com/commbox-go/client/gen"
)

// WithClock gives a client another clock, so that its delays cost no time.
func (c *Client) WithClock(now func() time.Time, sleep func(context.Context, time.Duration), random func() float64) *Client {
	c.api.ClientInterface.(*gen.Client).Client.(*chain).clock = clock{now: now, sleep: sleep, random: random}
	return c
}

// RetryDelay is the policy's wait after attempt n.
func RetryDelay(p RetryPolicy, n int, random float64) time.Duration {
	return p.withDefaults().delay(n, random)
}

var (
	RetryAfter  = retryAfter
	ContentType = contentType
	MediaLimit  = mediaLimit
	ShortPath   = shortPath
)
