package commboxtest_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// printing stands for the *testing.T of a test.
type printing struct{ ends []func() }

func (*printing) Helper()                           {}
func (p *printing) Cleanup(end func())              { p.ends = append(p.ends, end) }
func (*printing) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// In a test, t is its *testing.T. The server closes itself, and a broken contract
// fails the test.
func ExampleNew() {
	t := &printing{}

	server := commboxtest.New(t)
	_, err := server.Client().UploadMedia(context.Background(), "stream", offer)
	fmt.Println("uploaded:", err == nil)
	request, _ := http.NewRequestWithContext(context.Background(), "GET", server.URL+"/whatsapp/media", nil)
	if answer, err := server.HTTPClient().Do(request); err == nil {
		_ = answer.Body.Close()
	}

	t.ends[0]() // what the testing package does when the test is over
	// Output:
	// uploaded: true
	// commboxtest: the contract was broken: GET /whatsapp/media: no such path: /paths
}

// One channel is out of order, the others are not.
func ExampleFault_ForStream() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(commboxtest.Status(503).ForStream("first").Forever())

	client := server.Client(commbox.WithRetry(commbox.NoRetry()))
	for _, stream := range []string{"first", "second"} {
		_, err := client.UploadMedia(context.Background(), stream, offer)
		fmt.Println(stream, "stored:", err == nil)
	}
	// Output:
	// first stored: false
	// second stored: true
}

// The connection breaks in the middle of one file of several, whatever their order.
func ExampleFault_ForFile() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(commboxtest.Reset(500).ForFile("second.pdf"))

	client := server.Client(commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond}))
	for _, name := range []string{"first.pdf", "second.pdf"} {
		media, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes(name, []byte("%PDF-1.7 "+strings.Repeat(".", 1000))))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(name, "took", media.Attempts, "attempts")
	}
	// Output:
	// first.pdf took 1 attempts
	// second.pdf took 2 attempts
}

// What a program has sent to an operation, in types of its own or of package gen.
func ExampleCalls() {
	document, err := os.ReadFile("testdata/contacts.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := commboxtest.NewServer(commboxtest.WithDocument(document))
	defer server.Close()

	request, _ := http.NewRequestWithContext(context.Background(), "POST", server.URL+"/contacts", strings.NewReader(`{"name":"Dana","since":"2025-01-02T03:04:05Z"}`))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+server.Key())
	if answer, err := server.HTTPClient().Do(request); err == nil {
		_ = answer.Body.Close()
	}

	for _, call := range commboxtest.Calls[struct{ Name string }](server, "AddContact") {
		fmt.Println(call.Method, call.Path, "added", call.Sent.Name, "and was answered", call.Status)
	}
	// Output:
	// POST /contacts added Dana and was answered 201
}

// CommBox asks for a pause of a minute. On a clock of its own the test does not
// take it, and sees that the program would.
func ExampleNewClock() {
	clock := commboxtest.NewClock()
	server := commboxtest.NewServer(commboxtest.WithClock(clock))
	defer server.Close()
	server.Fail(commboxtest.Status(429, commboxtest.Header("Retry-After", "60")))

	media, err := server.Client().UploadMedia(context.Background(), "stream", offer)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("attempts:", media.Attempts)
	fmt.Println("waited a minute:", clock.Waited()[0] >= time.Minute)
	// Output:
	// attempts: 2
	// waited a minute: true
}
