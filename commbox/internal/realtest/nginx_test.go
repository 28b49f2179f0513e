package realtest

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// nginx is an nginx that runs for one test, as the current user, with all its
// files in the test's folder. It speaks TLS, HTTP/1.1 and HTTP/2.
type nginx struct {
	addr        string // host:port
	url         string
	certificate *x509.Certificate
	dir         string
	cmd         *exec.Cmd
	ended       chan struct{} // closed when the process has ended
}

// accessLine is one line of the access log: protocol, status, length of the
// request in bytes as far as nginx has read it, its Expect header or "-".
type accessLine struct {
	protocol string
	status   int
	length   int64
	expect   string
}

var nginxConf = template.Must(template.New("nginx.conf").Parse(`
daemon off;
worker_processes 2;
pid {{.Dir}}/nginx.pid;
events { worker_connections 1024; }
http {
	log_format short '$server_protocol $status $request_length $http_expect';
	access_log {{.Dir}}/access.log short;
	client_body_temp_path {{.Dir}}/body;
	proxy_temp_path {{.Dir}}/proxy;
	fastcgi_temp_path {{.Dir}}/fastcgi;
	uwsgi_temp_path {{.Dir}}/uwsgi;
	scgi_temp_path {{.Dir}}/scgi;
	client_max_body_size 0;
	{{.HTTP}}
	server {
		listen {{.Addr}} ssl http2;
		ssl_certificate {{.Dir}}/cert.pem;
		ssl_certificate_key {{.Dir}}/key.pem;
		{{.Server}}
		location / {
			proxy_pass {{.Upstream}};
			proxy_http_version 1.1;
			proxy_set_header Connection "";
		}
	}
}
`))

// nginxConfig is what a test changes about an nginx: directives for the http
// and the server context.
type nginxConfig struct{ http, server string }

// startNginx puts an nginx before upstream, a URL. It skips the test where
// nginx is not installed.
func startNginx(t *testing.T, upstream string, config nginxConfig) *nginx {
	t.Helper()
	binary := findNginx()
	if binary == "" {
		t.Skip("nginx is not installed")
	}
	n := &nginx{dir: t.TempDir()}
	// A worker that is not started by root cannot change its user, and one that
	// is would not be able to write into the test's folder.
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n"
	}
	n.writeCertificate(t)

	// Between the choice of a port and its use somebody else may take it.
	for attempt := 1; ; attempt++ {
		n.addr = freeAddr(t)
		n.url = "https://" + n.addr
		var conf bytes.Buffer
		conf.WriteString(user)
		err := nginxConf.Execute(&conf, map[string]string{
			"Dir": n.dir, "Addr": n.addr, "Upstream": upstream, "HTTP": config.http, "Server": config.server,
		})
		if err != nil {
			t.Fatal(err)
		}
		n.write(t, "nginx.conf", conf.Bytes())
		if err = n.run(t.Context(), binary); err == nil {
			break
		}
		if attempt == 5 {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		n.stop()
		if t.Failed() {
			t.Logf("nginx's error log:\n%s", n.read("error.log"))
		}
	})
	return n
}

func findNginx() string {
	for _, name := range []string{"nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// run starts nginx and waits until it accepts connections.
func (n *nginx) run(ctx context.Context, binary string) error {
	var output bytes.Buffer
	n.cmd = exec.CommandContext(context.Background(), binary,
		"-p", n.dir, "-c", filepath.Join(n.dir, "nginx.conf"), "-e", filepath.Join(n.dir, "error.log"))
	n.cmd.Stdout, n.cmd.Stderr = &output, &output
	endWithParent(n.cmd)
	if err := n.cmd.Start(); err != nil {
		return err
	}
	n.ended = make(chan struct{})
	go func() {
		_ = n.cmd.Wait() // what it was is in the output
		close(n.ended)
	}()
	for range 500 {
		if conn, err := new(net.Dialer).DialContext(ctx, "tcp", n.addr); err == nil {
			return conn.Close()
		}
		select {
		case <-n.ended:
			return fmt.Errorf("nginx ended: %s", output.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	n.stop()
	return fmt.Errorf("nginx accepts no connection on %s: %s", n.addr, n.read("error.log"))
}

// stop ends nginx and its workers at once, and waits until they are gone.
func (n *nginx) stop() {
	_ = n.cmd.Process.Signal(syscall.SIGTERM)
	<-n.ended
}

// reload has nginx read its configuration again: new workers take over, old
// ones end after the requests that they have.
func (n *nginx) reload(t *testing.T) {
	t.Helper()
	if err := n.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
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

// writeCertificate gives nginx a certificate of its own.
func (n *nginx) writeCertificate(t *testing.T) {
	t.Helper()
	cert, key := certificate(t)
	n.write(t, "cert.pem", cert)
	n.write(t, "key.pem", key)
	block, _ := pem.Decode(cert)
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	n.certificate = parsed
}

func (n *nginx) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(n.dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// read returns what is in one of nginx's files so far.
func (n *nginx) read(name string) []byte {
	data, _ := os.ReadFile(filepath.Join(n.dir, name))
	return data
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
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
