package realtest

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
)

// software is what stands between the client and CommBox.
type software struct {
	name    string
	secure  bool // CommBox speaks TLS, and the software does not look inside
	start   func(t *testing.T, to backend) *front
	refuses bool // answers by itself with the status in the X-Refuse header
	loses   bool // drops a connection now and then in the middle of a body, for net/http by hand as well
	down    int  // what is answered while nobody listens behind; 0: a lost connection
}

// backend is what the software leads to.
type backend struct {
	url         string
	certificate *x509.Certificate // nil: it speaks plain HTTP
	idle        time.Duration     // until the software closes an idle connection
}

// front is software that runs.
type front struct {
	url       string // the base URL for the client
	transport *http.Transport
	reload    func(t *testing.T)
}

// softwares are all kinds. Each cell of the matrix is the same for all of them.
var softwares = []software{
	{name: "nginx", start: nginxFront, refuses: true, down: http.StatusBadGateway},
	{name: "HAProxy", start: haproxy, refuses: true, down: http.StatusServiceUnavailable},
	{name: "httpd", start: httpd, refuses: true, down: http.StatusServiceUnavailable},
	{name: "Squid", start: squidPlain, refuses: true, loses: true, down: http.StatusServiceUnavailable},
	{name: "Squid CONNECT", start: squidConnect, secure: true},
	{name: "toxiproxy", start: toxiFront, secure: true},
}

// refusals are the statuses that every software can be told to answer with.
var refusals = []string{"401", "404", "413", "429", "503"}

func nginxFront(t *testing.T, to backend) *front {
	refuse := ""
	for _, status := range refusals {
		refuse += "if ($http_x_refuse = " + status + ") { return " + status + "; }\n"
	}
	n := startNginx(t, to.url, nginxConfig{server: "keepalive_timeout " + milliseconds(to.idle) + "ms; proxy_request_buffering off;\n" + refuse})
	return &front{url: n.url, transport: defaultTransport(n), reload: n.reload}
}

func haproxy(t *testing.T, to backend) *front {
	var certificate *x509.Certificate
	p := launch(t, "haproxy", func(p *process) []string {
		var pair string
		pair, certificate = certificateFor(t)
		p.write(t, "pair.pem", pair)
		refuse := ""
		for _, status := range refusals {
			refuse += "  http-request deny deny_status " + status + " if { req.hdr(X-Refuse) -m str " + status + " }\n"
		}
		return []string{"-W", "-db", "-f", p.write(t, "haproxy.cfg", `
global
  stats socket $DIR/socket mode 600 level admin expose-fd listeners
defaults
  mode http
  timeout connect 2s
  timeout client 20s
  timeout server 20s
  timeout http-keep-alive `+milliseconds(to.idle)+`ms
frontend all
  bind $ADDR ssl crt $DIR/pair.pem
`+refuse+`  default_backend commbox
backend commbox
  server one `+host(t, to.url)+"\n")}
	})
	transport := commbox.NewTransport()
	transport.TLSClientConfig = trusting(certificate)
	return &front{url: "https://" + p.addr, transport: transport, reload: func(t *testing.T) { p.signal(t, syscall.SIGUSR2) }}
}

func httpd(t *testing.T, to backend) *front {
	var certificate *x509.Certificate
	p := launch(t, "apache2", func(p *process) []string {
		var pair string
		pair, certificate = certificateFor(t)
		p.write(t, "pair.pem", pair)
		user := ""
		if os.Getuid() == 0 {
			user = "User www-data\nGroup www-data\n"
		}
		refuse := ""
		for _, status := range refusals {
			refuse += "RewriteCond %{HTTP:X-Refuse} =" + status + "\nRewriteRule ^ - [R=" + status + ",L]\n"
		}
		modules := ""
		for _, m := range []string{"mpm_event", "authz_core", "rewrite", "proxy", "proxy_http", "ssl", "reqtimeout"} {
			modules += "LoadModule " + m + "_module /usr/lib/apache2/modules/mod_" + m + ".so\n"
		}
		return []string{"-DFOREGROUND", "-f", p.write(t, "httpd.conf", modules+user+`
ServerName loopback
Listen $ADDR
DefaultRuntimeDir $DIR
PidFile $DIR/pid
Mutex posixsem
ErrorLog $DIR/output
KeepAlive On
KeepAliveTimeout `+milliseconds(to.idle)+`ms
MaxKeepAliveRequests 0
SSLEngine on
SSLCertificateFile $DIR/pair.pem
ProxyTimeout 20
AllowEncodedSlashes NoDecode
RewriteEngine on
`+refuse+"ProxyPass / "+to.url+"/ nocanon retry=0\n")}
	})
	transport := commbox.NewTransport()
	transport.TLSClientConfig = trusting(certificate)
	return &front{url: "https://" + p.addr, transport: transport, reload: func(t *testing.T) { p.signal(t, syscall.SIGUSR1) }}
}

// squid is a proxy that the client is told of.
func squid(t *testing.T, idle time.Duration) *process {
	return launch(t, "squid", func(p *process) []string {
		refuse := ""
		for _, status := range refusals {
			refuse += "acl r" + status + " req_header X-Refuse ^" + status + "$\nhttp_access deny r" + status +
				"\ndeny_info " + status + ":ERR_ACCESS_DENIED r" + status + "\n"
		}
		return []string{"-N", "-f", p.write(t, "squid.conf", `
http_port $ADDR
pid_filename none
cache deny all
access_log none
cache_log $DIR/cache.log
coredump_dir $DIR
netdb_filename none
shutdown_lifetime 0 seconds
client_idle_pconn_timeout `+strconv.Itoa(int(max(idle, time.Second).Seconds()))+` second
connect_timeout 2 seconds
forward_max_tries 1
acl SSL_ports port 1-65535
`+refuse+"http_access allow all\n")}
	})
}

func squidPlain(t *testing.T, to backend) *front {
	p := squid(t, to.idle)
	transport := commbox.NewTransport()
	transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: p.addr})
	return &front{url: to.url, transport: transport, reload: func(t *testing.T) { p.signal(t, syscall.SIGHUP) }}
}

func squidConnect(t *testing.T, to backend) *front {
	f := squidPlain(t, to)
	if to.certificate != nil {
		f.transport.TLSClientConfig = trusting(to.certificate)
	}
	return f
}

func toxiFront(t *testing.T, to backend) *front {
	w := lay(t, to.url, to.certificate)
	return &front{url: w.url, transport: w.transport, reload: func(t *testing.T) {
		w.proxy.Stop()
		if err := w.proxy.Start(); err != nil {
			t.Error(err)
		}
	}}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// host is the host:port of a URL.
func host(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}
