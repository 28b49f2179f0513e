// Package telemetry has Examples of package commbox with OpenTelemetry and
// Prometheus, which the client itself does not depend on. It is a module of its
// own to keep them out of the client's.
package telemetry
