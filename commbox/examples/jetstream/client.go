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

// errNoKey marks that the worker has no key, which says nothing about its jobs.
var errNoKey = errors.New("no API key")

// newClient leaves short waits to the client and long ones to the queue: a slot
// that waits for minutes is one that nothing else can use.
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

// marked is source with its failures marked.
func marked(source commbox.KeySource) commbox.KeySource {
	return commbox.KeyFunc(func(ctx context.Context) (string, error) {
		key, err := source.Key(ctx)
		if err != nil {
			return "", fmt.Errorf("%w: %w", errNoKey, err)
		}
		return key, nil
	})
}
