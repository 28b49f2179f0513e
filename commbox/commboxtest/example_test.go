package commboxtest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// offer is the file that a program under test would upload.
var offer = commbox.FromBytes("offer.pdf", []byte("%PDF-1.7 ..."))

func Example() {
	server := commboxtest.NewServer()
	defer server.Close()

	media, err := server.Client().UploadMedia(context.Background(), "hNyRN_fLUy7rrOrN9jLpipA%3d%3d", offer)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("media ID:", media.ID)

	stored := server.Uploads()[0]
	fmt.Println("stored:", stored.FileName, stored.ContentType, stored.Size, "bytes, for", stored.StreamID)
	fmt.Println("contract broken:", server.Violations())
	// Output:
	// media ID: 257250616863051
	// stored: offer.pdf application/pdf 12 bytes, for hNyRN_fLUy7rrOrN9jLpipA==
	// contract broken: []
}

// A program does not want to wait as long as CommBox demands.
func ExampleServer_Fail_throttling() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "60")))

	_, err := server.Client(commbox.WithRetry(commbox.NoRetry())).UploadMedia(context.Background(), "stream", offer)
	var failed *commbox.Error
	if errors.Is(err, commbox.ErrRateLimited) && errors.As(err, &failed) {
		fmt.Println("come back in", failed.RetryAfter)
	}
	// Output:
	// come back in 1m0s
}

// First nobody listens, then a proxy cannot reach its backend, then all is well
// again.
func ExampleServer_Fail_outage() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(
		commboxtest.Refuse().Times(2),
		commboxtest.Status(503),
	)

	client := server.Client(commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond}))
	media, err := client.UploadMedia(context.Background(), "stream", offer)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("attempts:", media.Attempts)
	fmt.Println("stored:", len(server.Uploads()))
	fmt.Println("faults left:", server.Pending())
	// Output:
	// attempts: 4
	// stored: 1
	// faults left: 0
}

// An outage lasts until the test ends it.
func ExampleServer_Recover() {
	server := commboxtest.NewServer()
	defer server.Close()
	client := server.Client(commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond}))

	server.Fail(commboxtest.Refuse().Forever())
	_, err := client.UploadMedia(context.Background(), "stream", offer)
	fmt.Println("in the outage:", err != nil)

	server.Recover()
	_, err = client.UploadMedia(context.Background(), "stream", offer)
	fmt.Println("after it:", err)
	// Output:
	// in the outage: true
	// after it: <nil>
}

// CommBox stores the file, but the connection breaks before the answer. The client
// has to send the file again, and one media object is never used.
func ExampleLostAnswer() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(commboxtest.LostAnswer())

	client := server.Client(commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond}))
	media, err := client.UploadMedia(context.Background(), "stream", offer)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("media ID:", media.ID)
	for _, u := range server.Uploads() {
		fmt.Printf("stored as %s by attempt %d\n", u.ID, u.Attempt)
	}
	// Output:
	// media ID: 257250616863052
	// stored as 257250616863051 by attempt 1
	// stored as 257250616863052 by attempt 2
}

// A violation is a sentence with the JSON pointer of the rule.
func ExampleServer_Violations() {
	server := commboxtest.NewServer()
	defer server.Close()

	// This client gives the part a wrong name.
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "offer.pdf")
	_, _ = io.WriteString(part, "%PDF-1.7 ...")
	_ = form.Close()
	request, _ := http.NewRequestWithContext(context.Background(), "POST", server.URL+"/whatsapp/uploadmedia/stream", &body)
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Authorization", "Bearer "+server.Key())
	answer, err := server.HTTPClient().Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = answer.Body.Close()

	fmt.Println(answer.Status)
	for _, sentence := range server.Violations() {
		fmt.Println(strings.Replace(sentence, ": /", ":\n  /", 1))
	}
	// Output:
	// 400 Bad Request
	// POST /whatsapp/uploadmedia/stream: multipart part "file" is not in the document (want "pic"):
	//   /paths/~1whatsapp~1uploadmedia~1{ENCRYPTED_STREAM_ID}/post/requestBody/content/multipart~1form-data/schema/properties
	// POST /whatsapp/uploadmedia/stream: multipart part "pic" is missing:
	//   /paths/~1whatsapp~1uploadmedia~1{ENCRYPTED_STREAM_ID}/post/requestBody/content/multipart~1form-data/schema/required
}
