package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/commbox-go/client/commbox"
)

// errNoKey reports that the worker has no key. Its jobs are not to blame.
var errNoKey = errors.New("no API key")

// newClient makes a client that waits only for a short time. Long waits are for the
// queue, so that a slot is free for another job.
func newClient(logger *slog.Logger) (*commbox.Client, error) {
	options := []commbox.Option{
		commbox.WithRetry(commbox.RetryPolicy{MaxDelay: 5 * time.Second, MaxRetryAfter: time.Second}),
		commbox.WithLogger(logger),
	}
	if baseURL := os.Getenv("COMMBOX_BASE_URL"); baseURL != "" {
		options = append(options, commbox.WithBaseURL(baseURL))
	}
	source := commbox.APIKeyEnv("COMMBOX_API_KEY")
	if path := os.Getenv("COMMBOX_API_KEY_FILE"); path != "" {
		source = commbox.APIKeyFile(path)
	}
	return commbox.New(marked(source), options...)
}

// marked returns source with errNoKey added to its failures.
func marked(source commbox.KeySource) commbox.KeySource {
	return commbox.KeyFunc(func(ctx context.Context) (string, error) {
		key, err := source.Key(ctx)
		if err != nil {
			return "", fmt.Errorf("%w: %w", errNoKey, err)
		}
		return key, nil
	})
}
