package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/commbox-go/client/commbox"
)

// reason is err on one line, without the words that every line would share.
func reason(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	text := strings.TrimPrefix(err.Error(), "commbox: ")
	text = strings.TrimPrefix(text, "upload media: ")
	return strings.Replace(text, " (0 attempts)", "", 1)
}

// advice is what a person can do about err, "" if the reason says it all.
func advice(err error) string {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return ""
	case errors.Is(err, commbox.ErrUnauthorized):
		return "CommBox refused the API key: make or look up a valid one in the CommBox console under Settings > API and put it into COMMBOX_API_KEY"
	case errors.Is(err, commbox.ErrNotFound):
		return "CommBox does not know this channel: check the stream ID (--stream or COMMBOX_STREAM_ID) and, if it is set, COMMBOX_BASE_URL"
	case errors.Is(err, commbox.ErrRateLimited):
		return "CommBox limits how often it may be called: run the same command again later with fewer --workers; with --journal FILE it uploads only what is missing"
	case errors.Is(err, os.ErrNotExist):
		return "a file was not found: check the spelling, and quote names that contain spaces"
	case errors.Is(err, os.ErrPermission):
		return "a file may not be read by this user: check its permissions"
	case errors.Is(err, commbox.ErrInvalidInput):
		return "what was refused before sending would not reach WhatsApp: see the reasons above; --dry-run shows them all without sending anything"
	case errors.Is(err, commbox.ErrServer), errors.Is(err, commbox.ErrInvalidResponse):
		return "CommBox, or a proxy before it, failed: run the same command again later; with --journal FILE it uploads only what is missing"
	}
	if _, again := commbox.RetryLater(err); again {
		return "no answer came from CommBox: check the network and run the same command again; with --journal FILE it uploads only what is missing"
	}
	return ""
}
