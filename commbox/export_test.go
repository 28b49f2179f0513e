package commbox

import (
	"context"
	"net/url"
	"time"

	"github.com/commbox-go/client/commbox/internal/delivery"
)

// WithClock gives a client another clock, so that its delays cost no time.
func (c *Client) WithClock(now func() time.Time, sleep func(context.Context, time.Duration), random func() float64) *Client {
	c.delivery.Clock = delivery.Clock{Now: now, Sleep: sleep, Random: random}
	return c
}

// ShortPath is the path of a URL as logs have it.
func ShortPath(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return err.Error()
	}
	return shortPath(u)
}
