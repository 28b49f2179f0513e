package commbox

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// NewTransport returns the transport that a Client uses when it is given no
// http.Client, for programs that want to change one thing about it: a private
// certificate authority, a proxy, a wider pool.
//
// It speaks HTTP/1.1, because Go's HTTP/2 client needs more processor time and
// memory for an upload; keeps enough idle connections that concurrent uploads
// do not pay for a TLS handshake each; writes a small file and its header at
// once; and takes its proxy from the environment (HTTPS_PROXY, NO_PROXY).
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    15 * time.Second,
		Protocols:              protocols,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    128,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		WriteBufferSize:        16 << 10,
		DisableCompression:     true, // answers are a few hundred bytes
	}
}
