package commbox_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// Every error is an *Error. errors.As finds its fields, and errors.Is finds its
// kind. For each kind there is something else to do.
func ExampleError() {
	server := commboxtest.NewServer()
	defer server.Close()
	client := server.Client(commbox.WithRetry(commbox.NoRetry()))

	nextStep := func(err error) string {
		var e *commbox.Error
		switch {
		case errors.Is(err, commbox.ErrInvalidInput):
			return "fix the file or the stream ID, nothing was sent"
		case errors.Is(err, commbox.ErrUnauthorized):
			return "make a key in the CommBox console under Settings > API"
		case errors.Is(err, commbox.ErrNotFound):
			return "check the stream ID"
		case errors.Is(err, commbox.ErrRateLimited) && errors.As(err, &e):
			return fmt.Sprintf("wait for %v", e.RetryAfter)
		case errors.Is(err, commbox.ErrServer):
			return "try later"
		case errors.Is(err, commbox.ErrInvalidResponse) && errors.As(err, &e):
			return fmt.Sprintf("look at the answer, %q", e.Body)
		case errors.Is(err, commbox.ErrBadRequest) && errors.As(err, &e):
			return "fix the request: " + e.Failures[0].Reason
		default:
			return "look at the network: " + err.Error()
		}
	}
	server.Fail(
		commboxtest.Status(401),
		commboxtest.Status(404),
		commboxtest.Status(502), // a proxy, with a page in HTML
		commboxtest.Answer(200, "application/json", `{"status": 200, "data": []}`),
		commboxtest.Answer(400, "application/json", `{"status": 400, "data": [{"failed": "Missing required parameter"}]}`),
		commboxtest.Status(429, commboxtest.Header("Retry-After", "30")),
	)
	for range 6 {
		_, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7")))
		fmt.Println(nextStep(err))
	}
	_, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes("offer.pdf", nil))
	fmt.Println(nextStep(err))
	// Output:
	// make a key in the CommBox console under Settings > API
	// check the stream ID
	// try later
	// look at the answer, "{\"status\": 200, \"data\": []}"
	// fix the request: Missing required parameter
	// wait for 30s
	// fix the file or the stream ID, nothing was sent
}

// A job queue asks after a failure whether to try again, and when.
func ExampleRetryLater() {
	server := commboxtest.NewServer()
	defer server.Close()
	client := server.Client(commbox.WithRetry(commbox.NoRetry()))

	server.Fail(
		commboxtest.Status(503, commboxtest.Header("Retry-After", "120")),
		commboxtest.Status(500),
		commboxtest.Status(404),
	)
	for range 3 {
		_, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7")))
		switch after, again := commbox.RetryLater(err); {
		case !again:
			fmt.Println("never:", err)
		case after > 0:
			fmt.Println("again in", after)
		default:
			fmt.Println("again, after a delay of the queue's choice")
		}
	}
	// Output:
	// again in 2m0s
	// again, after a delay of the queue's choice
	// never: commbox: upload media: 404 Not Found (1 attempt): check the stream ID and the base URL
}
