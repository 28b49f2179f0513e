package realtest

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nginx is an nginx that runs for one test. It speaks TLS, HTTP/1.1 and HTTP/2.
type nginx struct {
	*process
	url         string
	certificate *x509.Certificate
}

// accessLine is one line of the access log: protocol, status, length of the
// request in bytes as far as nginx has read it, its Expect header or "-".
type accessLine struct {
	protocol string
	status   int
	length   int64
	expect   string
}

const nginxConf = `
daemon off;
worker_processes 2;
pid $DIR/nginx.pid;
events { worker_connections 1024; }
http {
	log_format short '$server_protocol $status $request_length $http_expect';
	access_log $DIR/access.log short;
	client_body_temp_path $DIR/body;
	proxy_temp_path $DIR/proxy;
	fastcgi_temp_path $DIR/fastcgi;
	uwsgi_temp_path $DIR/uwsgi;
	scgi_temp_path $DIR/scgi;
	client_max_body_size 0;
	HTTP-DIRECTIVES
	server {
		listen $ADDR ssl http2;
		ssl_certificate $DIR/pair.pem;
		ssl_certificate_key $DIR/pair.pem;
		SERVER-DIRECTIVES
		location / {
			proxy_pass UPSTREAM;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
		}
	}
}
`

// nginxConfig is what a test changes about an nginx: directives for the http
// and the server context.
type nginxConfig struct{ http, server string }

// startNginx puts an nginx before upstream, a URL. It skips the test where
// nginx is not installed.
func startNginx(t *testing.T, upstream string, config nginxConfig) *nginx {
	t.Helper()
	n := &nginx{}
	n.process = launch(t, "nginx", func(p *process) []string {
		var pair string
		pair, n.certificate = certificateFor(t)
		p.write(t, "pair.pem", pair)
		text := strings.NewReplacer("HTTP-DIRECTIVES", config.http, "SERVER-DIRECTIVES", config.server, "UPSTREAM", upstream).Replace(nginxConf)
		if os.Getuid() == 0 {
			text = "user root;\n" + text
		}
		return []string{"-p", p.dir, "-c", p.write(t, "nginx.conf", text), "-e", p.path("output")}
	})
	n.url = "https://" + n.addr
	return n
}

// reload has nginx read its configuration again: new workers take over, old
// ones end after the requests that they have.
func (n *nginx) reload(t *testing.T) {
	t.Helper()
	n.signal(t, syscall.SIGHUP)
}

// accessLog is what nginx says it has answered, once it has logged at least
// want requests.
func (n *nginx) accessLog(t *testing.T, want int) (lines []accessLine) {
	t.Helper()
	waitFor(t, fmt.Sprintf("%d lines of the access log", want), func() bool {
		return bytes.Count(n.read("access.log"), []byte("\n")) >= want
	})
	for text := range strings.Lines(string(n.read("access.log"))) {
		var l accessLine
		if _, err := fmt.Sscanf(text, "%s %d %d %s", &l.protocol, &l.status, &l.length, &l.expect); err != nil {
			t.Fatalf("access log line %q: %v", text, err)
		}
		lines = append(lines, l)
	}
	return lines
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Errorf("waited in vain for %s", what)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}
