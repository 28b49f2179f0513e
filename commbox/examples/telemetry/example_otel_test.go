package telemetry_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// Tracing is in the caller's own http.Client, below the retries. So each attempt is a
// span, and the trace continues at the server.
func Example_openTelemetry() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(commboxtest.Status(503), commboxtest.LostAnswer())

	spans := tracetest.NewSpanRecorder() // an exporter in a program
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(spans))

	transport := commbox.NewTransport()
	defer transport.CloseIdleConnections()
	client, err := commbox.New(commbox.APIKey(server.Key()),
		commbox.WithBaseURL(server.URL),
		commbox.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(transport,
			otelhttp.WithTracerProvider(provider),
			otelhttp.WithPropagators(propagation.TraceContext{}))}),
		commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond}))
	if err != nil {
		log.Fatal(err)
	}

	ctx, call := provider.Tracer("offers").Start(context.Background(), "send offer")
	media, err := client.UploadMedia(ctx, "stream", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7")))
	call.End()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("attempts:", media.Attempts)

	for _, span := range spans.Ended() {
		if span.Parent().SpanID() != call.SpanContext().SpanID() {
			fmt.Println(span.Name())
			continue
		}
		fmt.Println(" ", span.Name(), span.Status().Code)
		for _, attribute := range span.Attributes() {
			if attribute.Key == "http.response.status_code" {
				fmt.Println("   ", attribute.Key, attribute.Value.AsInt64())
			}
		}
	}
	// Output:
	// attempts: 3
	//   HTTP POST Error
	//     http.response.status_code 503
	//   HTTP POST Error
	//   HTTP POST Unset
	//     http.response.status_code 200
	// send offer
}
