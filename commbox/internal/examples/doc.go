// Package examples has Examples of package commbox with software that the
// client itself does not depend on: OpenTelemetry and Prometheus. It is a module
// of its own to keep them out of the client's.
package examples
