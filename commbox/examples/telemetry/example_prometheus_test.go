package telemetry_test

import (
	"context"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// Metrics counts attempts, for Prometheus.
type Metrics struct {
	attempts *prometheus.CounterVec
	retries  *prometheus.CounterVec
	sent     *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// NewMetrics registers metrics for all clients whose observer is their Observe.
func NewMetrics(registerer prometheus.Registerer) *Metrics {
	m := &Metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "commbox_attempts_total", Help: "Requests to CommBox by status; 0: no answer.",
		}, []string{"op", "status"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "commbox_retries_total", Help: "Attempts that were followed by another one.",
		}, []string{"op"}),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "commbox_sent_bytes_total", Help: "Bytes of request bodies handed to connections.",
		}, []string{"op"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "commbox_attempt_duration_seconds", Help: "Time from asking for a connection to the end of the answer.",
			Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120},
		}, []string{"op"}),
	}
	registerer.MustRegister(m.attempts, m.retries, m.sent, m.duration)
	return m
}

// Observe is for commbox.WithObserver. The op of an upload is "upload media". The op
// of a call by Client.API is its method and path, so each stream in a path makes a
// time series.
func (m *Metrics) Observe(a commbox.Attempt) {
	m.attempts.WithLabelValues(a.Op, strconv.Itoa(a.StatusCode)).Inc()
	m.sent.WithLabelValues(a.Op).Add(float64(a.BytesSent))
	m.duration.WithLabelValues(a.Op).Observe(a.Duration.Seconds())
	if a.Again {
		m.retries.WithLabelValues(a.Op).Inc()
	}
}

func Example_prometheus() {
	server := commboxtest.NewServer()
	defer server.Close()
	server.Fail(commboxtest.Status(503), commboxtest.Status(503), commboxtest.Reset(0))

	registry := prometheus.NewRegistry() // prometheus.DefaultRegisterer in most programs
	metrics := NewMetrics(registry)
	client := server.Client(
		commbox.WithObserver(metrics.Observe),
		commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond}))
	for _, name := range []string{"january.pdf", "february.pdf"} {
		if _, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes(name, []byte("%PDF-1.7"))); err != nil {
			log.Fatal(err)
		}
	}

	// Part of what promhttp.HandlerFor(registry, …) serves.
	families, err := registry.Gather()
	if err != nil {
		log.Fatal(err)
	}
	for _, family := range families {
		switch family.GetName() {
		case "commbox_attempts_total", "commbox_retries_total":
			if _, err := expfmt.MetricFamilyToText(os.Stdout, family); err != nil {
				log.Fatal(err)
			}
		}
	}
	// Output:
	// # HELP commbox_attempts_total Requests to CommBox by status; 0: no answer.
	// # TYPE commbox_attempts_total counter
	// commbox_attempts_total{op="upload media",status="0"} 1
	// commbox_attempts_total{op="upload media",status="200"} 2
	// commbox_attempts_total{op="upload media",status="503"} 2
	// # HELP commbox_retries_total Attempts that were followed by another one.
	// # TYPE commbox_retries_total counter
	// commbox_retries_total{op="upload media"} 3
}
