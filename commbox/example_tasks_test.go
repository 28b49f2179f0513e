package commbox_test

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// Forward uploads the body of a request. Spool stores the body, so that it can be
// sent again after a failure.
func Forward(client *commbox.Client, streamID string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := http.MaxBytesReader(w, r.Body, 100<<20)
		file := commbox.FromReader(r.URL.Query().Get("name"), body)
		file = commbox.Spool(file, 1<<20) // over 1 MiB: on disk
		media, err := client.UploadMedia(r.Context(), streamID, file)
		switch {
		case errors.Is(err, commbox.ErrInvalidInput):
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		case err != nil:
			http.Error(w, "try again later", http.StatusServiceUnavailable)
		default:
			fmt.Fprintln(w, media.ID)
		}
	}
}

// A web handler passes on what it receives.
func ExampleSpool() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(commboxtest.Status(503)) // the first attempt

	request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/?name=offer.pdf", strings.NewReader("%PDF-1.7"))
	answer := httptest.NewRecorder()
	Forward(server.Client(), "stream")(answer, request)
	fmt.Println(answer.Code, "after", len(server.Requests()), "requests")
	// Output: 200 after 2 requests
}

// A queue keeps a job that may succeed later, and drops any other failed job.
func ExampleRetryLater_queue() {
	server := commboxtest.NewServer()
	defer server.Close()
	client, ctx, streamID := server.Client(commbox.WithRetry(commbox.NoRetry())), context.Background(), "stream"
	server.Fail(commboxtest.Status(503))

	queue := []string{"cmd/commbox/samples/offer.pdf", "gone.pdf"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		_, err := client.UploadMedia(ctx, streamID, commbox.FromPath(path))
		if after, again := commbox.RetryLater(err); again {
			wait := cmp.Or(after, time.Minute) // 0: the server did not say
			fmt.Println(path, "again after", wait)
			queue = append(queue, path)
			continue
		}
		fmt.Println(path, "done:", err == nil)
	}
	// Output:
	// cmd/commbox/samples/offer.pdf again after 1m0s
	// gone.pdf done: false
	// cmd/commbox/samples/offer.pdf done: true
}

// A proxy has its own certificate, which the system does not trust.
func ExampleNewTransport_authority() {
	server := commboxtest.NewServer(commboxtest.WithTLS())
	defer server.Close()

	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	roots.AddCert(server.Certificate()) // AppendCertsFromPEM for a file
	transport := commbox.NewTransport()
	transport.TLSClientConfig.RootCAs = roots // the rest stays as it is
	client, err := commbox.New(commbox.APIKey(server.Key()), commbox.WithBaseURL(server.URL),
		commbox.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		log.Fatal(err)
	}
	media, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7")))
	fmt.Println(media.ID, err)
	// Output: 257250616863051 <nil>
}

// A program uses two accounts: one call has its own key.
func ExampleKey() {
	server := commboxtest.NewServer(commboxtest.WithKey("key-of-sales"))
	defer server.Close()
	client, err := commbox.New(commbox.APIKey("key-of-support"), commbox.WithBaseURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	offer := commbox.FromBytes("offer.pdf", []byte("%PDF-1.7"))
	_, err = client.UploadMedia(context.Background(), "stream", offer)
	fmt.Println("refused:", errors.Is(err, commbox.ErrUnauthorized))
	media, err := client.UploadMedia(context.Background(), "stream", offer, commbox.Key(commbox.APIKey("key-of-sales")))
	fmt.Println(media.ID, err)
	// Output:
	// refused: true
	// 257250616863051 <nil>
}

func TestOffer(t *testing.T) {
	server := commboxtest.New(t)
	server.Fail(commboxtest.Status(503)) // the first request
	offer := commbox.FromBytes("offer.pdf", []byte("%PDF-1.7"))
	media, err := server.Client().UploadMedia(t.Context(), "stream", offer)
	if err != nil || media.Attempts != 2 {
		t.Errorf("%+v, error %v", media, err)
	}
}
