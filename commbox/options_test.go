package commbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
)

func TestOptionsThatCannotWork(t *testing.T) {
	t.Parallel()
	tests := map[string][]commbox.Option{
		"no scheme":          {commbox.WithBaseURL("api.commbox.io")},
		"another scheme":     {commbox.WithBaseURL("ftp://api.commbox.io/")},
		"no host":            {commbox.WithBaseURL("https:///x")},
		"unparsable":         {commbox.WithBaseURL("https://api.commbox.io:port/")},
		"a user":             {commbox.WithBaseURL("https://u:p@api.commbox.io/")},
		"a query":            {commbox.WithBaseURL("https://api.commbox.io/?a=b")},
		"a fragment":         {commbox.WithBaseURL("https://api.commbox.io/#a")},
		"plain http":         {commbox.WithBaseURL("http://api.commbox.io/")},
		"nearly loopback":    {commbox.WithBaseURL("http://127.0.0.1.example.com/")},
		"stall timeout":      {commbox.WithStallTimeout(0)},
		"response timeout":   {commbox.WithResponseTimeout(-1)},
		"answer limit":       {commbox.WithMaxResponseBytes(0)},
		"attempts":           {commbox.WithRetry(commbox.RetryPolicy{MaxAttempts: -1})},
		"base delay":         {commbox.WithRetry(commbox.RetryPolicy{BaseDelay: -1})},
		"user agent":         {commbox.WithUserAgent("a\r\nb")},
		"two, both reported": {commbox.WithBaseURL("x"), commbox.WithStallTimeout(-time.Second)},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := commbox.New(commbox.APIKey("k"), opts...)
			var e *commbox.Error
			if c != nil || !errors.As(err, &e) || !errors.Is(err, commbox.ErrInvalidInput) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %v", err)
			}
			if len(opts) == 2 && (!strings.Contains(err.Error(), "base URL") || !strings.Contains(err.Error(), "stall timeout")) {
				t.Errorf("one of two is missing: %v", err)
			}
		})
	}
	for _, source := range []commbox.KeySource{nil, commbox.KeyFunc(nil)} {
		if _, err := commbox.New(source); !errors.Is(err, commbox.ErrInvalidInput) {
			t.Errorf("a nil key source: %v", err)
		}
	}
}

func TestBaseURLsThatWork(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"https://api.commbox.io", "https://api.commbox.io/", "http://localhost:1", "http://127.0.0.1:1/", "http://127.9.9.9/", "http://[::1]:8080/v2/"} {
		if _, err := commbox.New(commbox.APIKey("k"), nil, commbox.WithClock(nil), commbox.WithBaseURL(u)); err != nil {
			t.Error(err)
		}
	}
	if _, err := commbox.New(commbox.APIKey("k"), commbox.WithInsecureHTTP(), commbox.WithBaseURL("http://proxy.example/")); err != nil {
		t.Error(err)
	}
}
