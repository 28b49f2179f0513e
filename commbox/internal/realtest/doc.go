// Package realtest tests the client against software that nobody here wrote:
// nginx, HAProxy, Apache httpd, Squid and toxiproxy between it and CommBox, and
// Stoplight Prism in CommBox's place. Each test is skipped where its software is
// not installed; .ci/run installs all of it. Software that npm installs is found
// on the PATH or in the folder that COMMBOX_TEST_BIN names. With COMMBOX_TEST_LONG
// set each software runs through all cells, without it through a smoke test. It is
// a module of its own, so that none of this is a dependency of the client.
package realtest
