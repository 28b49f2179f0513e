package commbox

import (
	"context"
	"net/url"
	"time"
)

// WithClock gives a client another clock, so that its delays cost no time.
func (c *Client) WithClock(now func() time.Time, sleep func(context.Context, time.Duration), random func() float64) *Client {
	c.chain.clock = clock{now: now, sleep: sleep, random: random}
	return c
}

// RetryDelay is the policy's wait after attempt n.
func RetryDelay(p RetryPolicy, n int, random float64) time.Duration {
	return p.withDefaults().delay(n, random)
}

var RetryAfter = retryAfter

// ShortPath is the path of a URL as logs have it.
func ShortPath(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return err.Error()
	}
	return shortPath(u)
}
