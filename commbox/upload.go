package commbox

import (
	"context"
	"io"
	"net/http"
	"strings"

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
// be read again. Of a request, edits may change the header.
//
// The error is an *Error.
func (c *Client) UploadMedia(ctx context.Context, streamID string, file File, edits ...gen.RequestEditorFn) (*Media, error) {
	u, err := c.openUpload(ctx, streamID, file)
	if err != nil {
		return nil, notBegun(ctx, err)
	}
	defer u.close()
	req, err := c.uploadRequest(ctx, u, edits)
	if err != nil {
		return nil, notBegun(ctx, err)
	}
	u.run = c.chain.start(req, call{
		op: opUpload, repeatSafe: true, patient: !file.steady || file.Progress != nil, inMemory: u.small && !file.once, answer: &u.answer,
	})
	resp, err := u.run.do()
	if err != nil {
		return nil, err
	}
	return u.media(), resp.Body.Close()
}

// notBegun is the error of an upload of which nothing was sent.
func notBegun(ctx context.Context, err error) *Error {
	if ctx.Err() != nil {
		return &Error{Op: opUpload, Err: whyEnded(ctx), outcome: ended}
	}
	return &Error{Op: opUpload, Err: err, outcome: unusable}
}

// upload is one file and the form around it.
type upload struct {
	streamID string
	source   *source
	form     form
	body     io.ReadCloser // of the first attempt
	small    bool          // the form is in memory
	run      *run          // nil: not begun
	answer   gen.UploadAnswer
}

// openUpload checks what is to be uploaded, opens it and reads the first bytes,
// or all of a small one.
func (c *Client) openUpload(ctx context.Context, streamID string, file File) (*upload, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := checkStreamID(streamID); err != nil {
		return nil, err
	}
	if err := checkNames(file); err != nil {
		return nil, err
	}
	open := func() (u *upload, err error) {
		u = &upload{streamID: streamID}
		if u.source, err = inspect(file, c.unlimitedMedia); err != nil {
			return nil, err
		}
		u.form = newForm(file.Name, u.source.contentType)
		u.small = u.source.isSmall(u.form)
		u.body, err = u.source.first(u.form, u.small)
		return u, err
	}
	if file.steady {
		return open()
	}
	return await(ctx, open, (*upload).close)
}

// uploadRequest is the generated one, with what the generated code cannot
// know: how long it is, and how it is read again.
func (c *Client) uploadRequest(ctx context.Context, u *upload, edits []gen.RequestEditorFn) (*http.Request, error) {
	req, err := gen.NewUploadMediaRequestWithBody(c.baseURL, u.streamID, u.form.contentType, nil)
	if err != nil {
		return nil, err
	}
	req = req.WithContext(ctx)
	for _, edit := range edits {
		if err := edit(ctx, req); err != nil {
			return nil, err
		}
	}
	req.Body, req.ContentLength, req.GetBody = u.body, u.form.length(u.source.size), nil
	if !u.source.file.once {
		req.GetBody = func() (io.ReadCloser, error) { return u.source.again(u.form, u.small) }
	}
	return req, nil
}

// close releases what the chain has not: the file, if nothing has begun, and
// the buffer of a small one, if net/http is known to be done with it.
func (u *upload) close() {
	switch {
	case u.run == nil:
		_ = u.body.Close()
	case u.small && u.run.attempts == 1 && u.run.attempt.isWritten():
		buffers.Put(u.source.buffer)
	}
}

// media is the result, once the chain has accepted the answer.
func (u *upload) media() *Media {
	uploaded := mediaOf(&u.answer)
	media := &Media{
		ID: string(uploaded.ID), Filename: uploaded.Filename, ContentType: u.source.contentType,
		Size: u.source.size, Attempts: u.run.attempts,
	}
	if media.Size < 0 {
		sent, _ := u.run.attempt.sent()
		media.Size = sent - u.form.length(0)
	}
	return media
}

// mediaOf is the first media in an answer that has an ID, or nil.
func mediaOf(answer *gen.UploadAnswer) *gen.UploadedMedia {
	for i := range answer.Data {
		if strings.TrimSpace(string(answer.Data[i].ID)) != "" {
			return &answer.Data[i]
		}
	}
	return nil
}
