package commbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/commbox-go/client/gen"
)

// Media is an uploaded file.
type Media struct {
	ID          string // for the header, image, video or document of a message; WhatsApp forgets it after 30 days
	Filename    string // as CommBox names it in its answer
	ContentType string // as it was sent
	Size        int64  // bytes
	Attempts    int    // requests it took
}

const opUpload = "upload media"

// UploadMedia puts a file into WhatsApp through the channel that streamID
// names, raw or percent-encoded, and returns its media ID. The file is
// streamed: memory does not grow with it. Uploading twice is harmless, so every
// failure that may pass is tried again, as long as ctx lives and the file can
// be read again.
//
// The error is an *Error.
func (c *Client) UploadMedia(ctx context.Context, streamID string, file File, edits ...gen.RequestEditorFn) (*Media, error) {
	media, err := c.upload(ctx, streamID, file, edits)
	if err != nil {
		return nil, asError(err)
	}
	return media, nil
}

func (c *Client) upload(ctx context.Context, streamID string, file File, edits []gen.RequestEditorFn) (*Media, error) {
	if err := ctx.Err(); err != nil {
		return nil, &Error{Err: err, outcome: ended}
	}
	id, err := channel(streamID)
	if err != nil {
		return nil, err
	}
	src, err := inspect(file, c.unlimitedMedia)
	if err != nil {
		return nil, err
	}
	u := upload{source: src, form: newForm(file.Name, src.contentType)}
	body := src.first(u.form)
	defer func() {
		if !u.receipt.begun { // an edit has failed
			_ = body.Close()
		}
	}()
	resp, err := c.api.UploadMediaWithBody(ctx, id, u.form.contentType(), body,
		append([]gen.RequestEditorFn{u.describe}, edits...)...)
	if err != nil {
		return nil, err
	}
	return u.media(resp)
}

// upload is one file and the form around it.
type upload struct {
	source  *source
	form    form
	receipt receipt
}

// describe tells the chain what the generated code cannot know of the request.
func (u *upload) describe(_ context.Context, req *http.Request) error {
	edit(req, func(c *call) {
		c.op, c.repeatSafe, c.wantsJSON, c.receipt = opUpload, true, true, &u.receipt
	})
	req.ContentLength = u.form.length(u.source.size)
	if !u.source.file.once {
		req.GetBody = func() (io.ReadCloser, error) { return u.source.again(u.form) }
	}
	return nil
}

// media picks the media out of the answer.
func (u *upload) media(resp *http.Response) (*Media, error) {
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer gen.UploadAnswer
	err = json.Unmarshal(data, &answer)
	for _, m := range answer.Data {
		if m.ID == "" {
			continue
		}
		media := &Media{
			ID: string(m.ID), Filename: m.Filename, ContentType: u.source.contentType,
			Size: u.source.size, Attempts: u.receipt.attempts,
		}
		if media.Size < 0 {
			media.Size = u.receipt.sent - u.form.length(0)
		}
		return media, nil
	}
	if err == nil {
		err = errors.New("it has no media ID")
	}
	return nil, &Error{
		StatusCode: resp.StatusCode, Status: string(answer.Status), Description: answer.Description,
		ResponseTime: answer.ResponseTime.Time, Header: resp.Header, Body: data[:min(len(data), maxErrorBody)],
		Attempts: u.receipt.attempts, BytesSent: u.receipt.sent, MaybeDelivered: true,
		Err: fmt.Errorf("%w: %w", ErrInvalidResponse, err), outcome: unusable,
	}
}

// asError makes any failure of an upload an *Error.
func asError(err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Err: err, outcome: unusable}
	}
	e.Op = opUpload
	return e
}
