// Package telemetry has Examples of package commbox with OpenTelemetry and
// Prometheus. It is a separate module, so that the client does not depend on them.
package telemetry
