package commbox

import (
	"context"
	"net/http"

	"github.com/commbox-go/client/commbox/internal/await"
	"github.com/commbox-go/client/commbox/internal/delivery"
	"github.com/commbox-go/client/commbox/internal/form"
	"github.com/commbox-go/client/commbox/internal/whatsapp"
	"github.com/commbox-go/client/commbox/wire"
	"github.com/commbox-go/client/gen"
)

// Media is an uploaded file.
type Media struct {
	ID          string // for the header, image, video or document of a message; expires after 30 days
	Filename    string // the name in CommBox's answer
	ContentType string // the type that was sent
	Size        int64  // bytes
	Attempts    int    // requests made
}

const opUpload = "upload media"

// partName is the name of the file's form field in CommBox's document.
const partName = "pic"

// UploadMedia puts a file into WhatsApp through the channel with the given stream
// ID, raw or percent-encoded, and returns its media ID. The file is streamed:
// memory does not grow with its size. Every temporary failure is tried again until
// ctx ends or the file cannot be read again; uploading twice is harmless. Options
// may change the header of the request, and nothing else in it.
//
// The error is an *Error.
func (c *Client) UploadMedia(ctx context.Context, streamID string, file File, opts ...RequestOption) (*Media, error) {
	req, err := c.uploadRequest(ctx, streamID, opts)
	if err != nil {
		return nil, notSent(ctx, opUpload, err)
	}
	file.steady = file.steady && file.Progress == nil // Progress may wait for anything
	f, err := openForm(ctx, file, c.unlimitedMedia)
	if err != nil {
		return nil, notSent(ctx, opUpload, err)
	}
	f.Attach(req)
	req.Header.Set("Content-Type", f.ContentType)

	var uploaded gen.UploadedMedia
	result, err := c.deliver(opUpload, delivery.Call{
		Request: req, MayBlock: !file.steady, RepeatSafe: true, Judge: checkUpload(&uploaded), Release: f.Release, //nolint:bodyclose // delivery does
	})
	if err != nil {
		return nil, err
	}
	media := &Media{
		ID: string(uploaded.ID), Filename: uploaded.Filename, ContentType: f.FileType, Size: f.Size, Attempts: result.Attempts,
	}
	if media.Size < 0 {
		media.Size = result.BytesSent - f.Overhead()
	}
	return media, nil
}

// uploadRequest returns the generated request, without a body.
func (c *Client) uploadRequest(ctx context.Context, streamID string, opts []RequestOption) (*http.Request, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if _, err := wire.ID(streamID); err != nil {
		return nil, invalid("the stream ID %w", err)
	}
	req, err := gen.NewUploadMediaRequestWithBody(c.baseURL, streamID, "", nil)
	if err != nil {
		return nil, err
	}
	req = req.WithContext(ctx)
	for _, opt := range opts {
		if opt != nil && err == nil {
			err = opt(ctx, req)
		}
	}
	return req, err
}

// openForm checks a file and opens it. It returns when ctx ends, even if Open or
// Read blocks.
func openForm(ctx context.Context, file File, unlimited bool) (*form.Form, error) {
	if err := checkNames(file); err != nil {
		return nil, err
	}
	open := func() (*form.Form, error) {
		size := file.Size
		if file.spool != nil {
			kept, err := file.spool.load()
			if err != nil {
				return nil, err
			}
			size = kept.Size()
		}
		return form.Open(partName, form.File{
			Name: file.Name, Size: size, Open: file.Open, Progress: file.Progress, Once: file.once, SizeAtOpen: file.sizeAtOpen,
			Inspect: func(head []byte) (string, int64, error) {
				contentType, limit, err := whatsapp.Check(file.Name, file.ContentType, head)
				if unlimited {
					return contentType, 0, nil
				}
				return contentType, limit, err
			},
		})
	}
	if file.steady {
		return open()
	}
	return await.Do(ctx, open, func(f *form.Form) { _ = f.Close() })
}
