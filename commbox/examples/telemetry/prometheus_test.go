package telemetry_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestMetrics holds the figures of the registry against those of the server.
func TestMetrics(t *testing.T) {
	t.Parallel()
	server := commboxtest.NewServer()
	defer server.Close()
	registry := prometheus.NewRegistry()
	client := server.Client(
		commbox.WithObserver(NewMetrics(registry).Observe),
		commbox.WithRetry(commbox.RetryPolicy{MaxAttempts: 10, BaseDelay: time.Millisecond})) // one file may meet all five 500s

	const files, size = 20, 10 << 10
	server.Fail(commboxtest.Status(500).Times(5), commboxtest.Status(404))
	failed := 0
	for result := range client.UploadAll(t.Context(), "stream", func(yield func(commbox.File) bool) {
		for range files {
			if !yield(commbox.FromBytes("offer.pdf", make([]byte, size))) {
				return
			}
		}
	}, 4) {
		if result.Err != nil {
			failed++
		}
	}

	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	attempts, retries, sent, observed := sums(families)
	if want := float64(len(server.Requests())); attempts != want || observed != want {
		t.Errorf("%v attempts, %v durations, want %v", attempts, observed, want)
	}
	if want := attempts - files; retries != want || failed != 1 {
		t.Errorf("%v retries, want %v; %d failed, want 1", retries, want, failed)
	}
	if sent < attempts*size {
		t.Errorf("%v bytes sent by %v attempts", sent, attempts)
	}
}

func sums(families []*dto.MetricFamily) (attempts, retries, sent, observed float64) {
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			switch family.GetName() {
			case "commbox_attempts_total":
				attempts += metric.GetCounter().GetValue()
			case "commbox_retries_total":
				retries += metric.GetCounter().GetValue()
			case "commbox_sent_bytes_total":
				sent += metric.GetCounter().GetValue()
			case "commbox_attempt_duration_seconds":
				observed += float64(metric.GetHistogram().GetSampleCount())
			}
		}
	}
	return attempts, retries, sent, observed
}
