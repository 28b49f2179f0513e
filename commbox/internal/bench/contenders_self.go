package main

import (
	"context"
	"net/http"

	"github.com/commbox-go/client/commbox"
)

// self is this client with its defaults: its own transport, its own body, retries on. Only WhatsApp's size limits are off,
// because the file of 100 MiB exceeds them.
func self(t target) (upload, error) {
	client, err := commbox.New(commbox.APIKey(apiKey), commbox.WithBaseURL(t.URL), commbox.WithoutMediaLimits())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, path string) error {
		media, err := client.UploadMedia(ctx, streamID, commbox.FromPath(path))
		if err != nil {
			return err
		}
		return check(http.StatusOK, media.ID)
	}, nil
}
