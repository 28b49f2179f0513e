// Package commboxtest is CommBox on a loopback port, for tests of programs that
// use package commbox. It is shaped like [net/http/httptest].
package commboxtest
