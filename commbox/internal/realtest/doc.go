// Package realtest tests the client with software of others: nginx, HAProxy, Apache
// httpd, Squid and toxiproxy between the client and CommBox, and Stoplight Prism in
// place of CommBox. A test is skipped if its software is not installed; .ci/run installs
// all of it. Software from npm is looked up on the PATH and in the folder that
// COMMBOX_TEST_BIN names. With COMMBOX_TEST_LONG set, all combinations are tested,
// without it a few. It is a separate module, so that the client does not depend on any
// of this.
package realtest
