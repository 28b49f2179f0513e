// Package realtest has tests only: uploads through software that people really
// put before a server, nginx and toxiproxy, on loopback. It is a module of its
// own to keep toxiproxy out of the client's. The tests with nginx are skipped
// where it is not installed.
package realtest
