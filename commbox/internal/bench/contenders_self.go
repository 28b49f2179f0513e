package main

import (
	"context"
	"net/http"

	"github.com/commbox-go/client/commbox"
)

// self is this client as its users have it: its own transport, its own body, retries on. Only the size limits of
// WhatsApp are off, because the file of 100 MiB is over them.
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
