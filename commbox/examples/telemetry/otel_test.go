package telemetry_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestTracing proves that what the client promises still holds below otelhttp,
// which wraps requests, bodies and answers, and that each attempt is a span.
func TestTracing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		faults   []commboxtest.Fault
		size     int
		attempts int
		check    func(*commbox.Error) error // nil: the upload succeeds
	}{
		{"success", nil, 10 << 10, 1, nil},
		{"large success", nil, 4 << 20, 1, nil},
		{"outage that ends", []commboxtest.Fault{commboxtest.Refuse(), commboxtest.Status(503), commboxtest.Reset(1 << 20)}, 4 << 20, 4, nil},
		{"lost answer", []commboxtest.Fault{commboxtest.LostAnswer(), commboxtest.Cut(10)}, 10 << 10, 3, nil},
		{"stall", []commboxtest.Fault{commboxtest.Stall(1 << 20)}, 16 << 20, 2, nil},
		{"100 Continue ignored", []commboxtest.Fault{commboxtest.ContinueIgnored()}, 4 << 20, 1, nil},
		{"417", []commboxtest.Fault{commboxtest.ExpectationFailed()}, 4 << 20, 2, nil},
		{"refused connections", []commboxtest.Fault{commboxtest.Refuse().Forever()}, 4 << 20, 4, func(e *commbox.Error) error {
			if !errors.Is(e, syscall.ECONNREFUSED) || e.MaybeDelivered || e.BytesSent != 0 {
				return errors.New("something was sent")
			}
			return nil
		}},
		{"early refusal", []commboxtest.Fault{commboxtest.EarlyAnswer(413)}, 4 << 20, 1, func(e *commbox.Error) error {
			if e.StatusCode != http.StatusRequestEntityTooLarge || e.BytesSent != 0 {
				return errors.New("the file was sent for nothing")
			}
			return nil
		}},
		{"redirect", []commboxtest.Fault{commboxtest.Status(307, commboxtest.Header("Location", "http://127.0.0.1:1/"))}, 4 << 20, 1, func(e *commbox.Error) error {
			if e.StatusCode != http.StatusTemporaryRedirect {
				return errors.New("it was followed")
			}
			return nil
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := commboxtest.NewServer()
			defer server.Close()
			server.Fail(test.faults...)
			spans := tracetest.NewSpanRecorder()
			provider := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
			client := server.Client(
				commbox.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(server.HTTPClient().Transport,
					otelhttp.WithTracerProvider(provider), otelhttp.WithPropagators(propagation.TraceContext{}))}),
				commbox.WithStallTimeout(2*time.Second),
				commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond}))

			ctx, call := provider.Tracer("test").Start(t.Context(), "call")
			media, err := client.UploadMedia(ctx, "stream", commbox.FromBytes("offer.pdf", make([]byte, test.size)))
			call.End()

			var e *commbox.Error
			switch {
			case err == nil && test.check == nil:
				if media.Attempts != test.attempts {
					t.Errorf("it took %d attempts, want %d", media.Attempts, test.attempts)
				}
			case errors.As(err, &e) && test.check != nil:
				if wrong := test.check(e); wrong != nil || e.Attempts != test.attempts {
					t.Errorf("%v: %v", wrong, err)
				}
			default:
				t.Errorf("error %v", err)
			}
			checkSpans(t, server, spans.Ended(), call.SpanContext().TraceID().String(), test.attempts)
		})
	}
}

// checkSpans demands a span for each attempt, in the trace that the server was
// told of, without the key.
func checkSpans(t *testing.T, server *commboxtest.Server, spans []trace.ReadOnlySpan, traceID string, attempts int) {
	t.Helper()
	if len(spans) != attempts+1 {
		t.Errorf("%d spans, want %d for the attempts and the call's", len(spans), attempts)
	}
	for _, span := range spans {
		if id := span.SpanContext().TraceID().String(); id != traceID {
			t.Errorf("span %s is of the trace %s", span.Name(), id)
		}
		if text := fmt.Sprint(span.Attributes(), span.Events(), span.Status()); strings.Contains(text, server.Key()) {
			t.Errorf("the key is in the span: %s", text)
		}
	}
	for _, request := range server.Requests() {
		if !strings.Contains(request.Header.Get("Traceparent"), traceID) {
			t.Errorf("the server was told of the trace %q", request.Header.Get("Traceparent"))
		}
	}
}

// TestTracingKeepsMessagesSingle proves that a call which is not safe to repeat
// is told from one that is: otelhttp passes on what net/http reports.
func TestTracingKeepsMessagesSingle(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault    commboxtest.Fault
		attempts int
		sent     bool
	}{
		{commboxtest.Refuse(), 2, true}, // nothing was sent: tried again
		{commboxtest.LostAnswer(), 1, false},
		{commboxtest.Reset(0), 1, false},
	}
	for _, test := range tests {
		t.Run(test.fault.String(), func(t *testing.T) {
			t.Parallel()
			server := commboxtest.NewServer()
			defer server.Close()
			server.Fail(test.fault)
			client := server.Client(commbox.WithHTTPClient(&http.Client{
				Transport: otelhttp.NewTransport(server.HTTPClient().Transport),
			}))
			body := "--b\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"offer.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--b--\r\n"
			resp, err := client.API().UploadMediaWithBodyWithResponse(t.Context(), "stream",
				"multipart/form-data; boundary=b", strings.NewReader(body))
			var e *commbox.Error
			switch {
			case test.sent:
				if err != nil || resp.StatusCode() != http.StatusOK {
					t.Errorf("error %v", err)
				}
			case !errors.As(err, &e) || !e.MaybeDelivered || e.Attempts != test.attempts:
				t.Errorf("error %v", err)
			}
			if n := len(server.Uploads()); n > 1 {
				t.Errorf("%d uploads stored", n)
			}
		})
	}
}
