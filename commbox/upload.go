package commbox

import (
	"context"
	"errors"
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
		return nil, asError(ctx, err)
	}
	return media, nil
}

func (c *Client) upload(ctx context.Context, streamID string, file File, edits []gen.RequestEditorFn) (*Media, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	id, err := channel(streamID)
	if err != nil {
		return nil, err
	}
	src, err := inspect(ctx, file, c.unlimitedMedia)
	if err != nil {
		return nil, err
	}
	u := &upload{source: src, form: newForm(file.Name, src.contentType)}
	body, err := u.open()
	if err != nil {
		return nil, err
	}
	u.call = call{
		op: opUpload, repeatSafe: true, streams: !u.small, steady: u.source.isSteady(),
		prepare: u.prepare, answer: &u.answer, receipt: &u.receipt,
	}
	ctx = context.WithValue(ctx, callKey{}, &u.call)
	resp, err := c.api.UploadMediaWithBody(ctx, id, u.form.contentType, body, edits...)
	u.close()
	if err != nil {
		return nil, err
	}
	return u.media(), resp.Body.Close()
}

// upload is one file and the form around it.
type upload struct {
	source  *source
	form    form
	small   bool // the form is in memory
	call    call
	answer  gen.UploadAnswer
	receipt receipt
}

// open returns the body of the first attempt.
func (u *upload) open() (io.Reader, error) {
	if u.small = u.source.isSmall(u.form); u.small {
		return u.source.small(u.form)
	}
	return u.source.first(u.form), nil
}

// prepare adds what the generated code cannot know of the request: how long it
// is, and how it is read again.
func (u *upload) prepare(req *http.Request) {
	req.ContentLength = u.form.length(u.source.size)
	switch {
	case u.source.file.once:
		req.GetBody = nil
	case u.small:
		req.GetBody = func() (io.ReadCloser, error) { return u.source.smallAgain(u.form) }
	default:
		req.GetBody = func() (io.ReadCloser, error) { return u.source.again(u.form) }
	}
}

// close releases what the chain has not: the file, if an edit has failed, and
// the buffer of a small one, if net/http is known to be done with it.
func (u *upload) close() {
	switch {
	case !u.small && !u.receipt.begun:
		_ = u.source.rest.Close()
	case u.small && (u.receipt.written || !u.receipt.begun):
		buffers.Put(u.source.buffer)
	}
}

// media is the result, once the chain has accepted the answer.
func (u *upload) media() *Media {
	uploaded := mediaOf(&u.answer)
	media := &Media{
		ID: string(uploaded.ID), Filename: uploaded.Filename, ContentType: u.source.contentType,
		Size: u.source.size, Attempts: u.receipt.attempts,
	}
	if media.Size < 0 {
		media.Size = u.receipt.sent - u.form.length(0)
	}
	return media
}

// mediaOf is the first media in an answer that has an ID, or nil.
func mediaOf(answer *gen.UploadAnswer) *gen.UploadedMedia {
	for i := range answer.Data {
		if answer.Data[i].ID != "" {
			return &answer.Data[i]
		}
	}
	return nil
}

// asError makes any failure of an upload an *Error.
func asError(ctx context.Context, err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Err: err, outcome: unusable}
		if ctx.Err() != nil {
			e.Err, e.outcome = whyEnded(ctx), ended
		}
	}
	e.Op = opUpload
	return e
}
