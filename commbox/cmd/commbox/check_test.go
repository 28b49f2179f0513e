package main

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// token is a key as CommBox makes them.
func token(t *testing.T, expires time.Time) string {
	t.Helper()
	var claims jwt.RegisteredClaims
	if !expires.IsZero() {
		claims.ExpiresAt = jwt.NewNumericDate(expires)
	}
	key, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestCheckKey(t *testing.T) {
	now := time.Now()
	for name, tt := range map[string]struct {
		key    string
		status exitStatus
		says   string
	}{
		"no JWT":          {"abc", exitOK, "no expiry"},
		"never expires":   {token(t, time.Time{}), exitOK, "no expiry"},
		"expired":         {token(t, now.Add(-time.Hour)), exitExpired, "make another"},
		"expires in time": {token(t, now.Add(time.Hour)), exitOK, "expires on"},
	} {
		t.Setenv("COMMBOX_API_KEY", tt.key)
		if _, f := checkKey(t.Context()); f.status != tt.status || !strings.Contains(f.says, tt.says) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestCheck(t *testing.T) {
	untrusted := commboxtest.NewTLSServer()
	t.Cleanup(untrusted.Close)

	s, good := serving(t) // with CommBox's answer to an empty form, which not every document has
	s.Fail(commboxtest.Answer(400, "application/json", `{"status":"400","description":"the form is empty"}`).Forever())
	refused, badKey := serving(t)
	refused.SetKey("another")
	busy, busyEnv := serving(t)
	busy.Fail(commboxtest.Status(503).Forever())
	unknown, unknownEnv := serving(t)
	unknown.Fail(commboxtest.Status(404).Forever())
	_, record := served(t)
	others := make(map[int][]string) // environments of what is not CommBox, by status
	for _, status := range []int{200, 302, 405, 413, 501} {
		other, env := serving(t)
		other.Fail(commboxtest.Answer(status, "text/html", "<html>login</html>").Forever())
		others[status] = env
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	l.Close()
	for name, tt := range map[string]struct {
		env    []string
		status exitStatus
		line   string
	}{
		"all is well":    {good, exitOK, "access  CommBox answers"},
		"no key":         {append(good, "COMMBOX_API_KEY="), exitNoKey, "key     none"},
		"unreadable key": {append(good, "COMMBOX_API_KEY=", "COMMBOX_API_KEY_FILE="+t.TempDir()), exitNoKey, "key     none"},
		"expired key":    {append(good, "COMMBOX_API_KEY="+token(t, time.Unix(1e9, 0))), exitExpired, "expired on 2001"},
		"with a word":    {append(good, "COMMBOX_API_KEY=Bearer abc"), exitUsage, "without \"Bearer\""},
		"no stream":      {append(good, "COMMBOX_STREAM_ID="), exitStream, "stream  "},
		"bad stream":     {append(good, "COMMBOX_STREAM_ID=.."), exitStream, "stream  "},
		"unknown stream": {unknownEnv, exitStream, "404"},
		"no host":        {append(good, "COMMBOX_BASE_URL="+closed), exitUnreachable, "check the network and COMMBOX_BASE_URL"},
		"no trust":       {append(good, "COMMBOX_BASE_URL="+untrusted.URL), exitTLS, "SSL_CERT_FILE"},
		"no TLS":         {append(good, "COMMBOX_BASE_URL="+strings.Replace(s.URL, "http:", "https:", 1)), exitTLS, "TLS     "},
		"dead proxy":     {append(good, "COMMBOX_BASE_URL=https://commbox.invalid", "HTTPS_PROXY="+closed), exitProxy, "proxy   "},
		"refused key":    {badKey, exitAccess, "401"},
		"busy":           {busyEnv, exitTryAgain, "503"},
		"login page":     {others[200], exitUnreachable, "what answers is not CommBox"},
		"redirect":       {others[302], exitUnreachable, "what answers is not CommBox"},
		"other method":   {others[405], exitUnreachable, "what answers is not CommBox"},
		"too large":      {others[413], exitUnreachable, "what answers is not CommBox"},
		"not there":      {others[501], exitUnreachable, "what answers is not CommBox"},
		"no https":       {append(good, "COMMBOX_BASE_URL=http://192.0.2.1"), exitUsage, "COMMBOX_BASE_URL \"http://192.0.2.1\" would send the API key unencrypted; use https://HOST"},
		"no scheme":      {append(good, "COMMBOX_BASE_URL=127.0.0.1:99"), exitUsage, "COMMBOX_BASE_URL cannot be parsed; want https://host/path"},
		"record":         {append(good, "COMMBOX_BASE_URL="+record), exitUnreachable, "what answers is not CommBox"},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, tt.env, "check")
			if strings.Contains(name, "proxy") { // net/http reads its environment once
				got = finish(t, command(t, tt.env, "check"))
			}
			if got.code != tt.status || !strings.Contains(got.out, tt.line) {
				t.Errorf("exit %d, want %d: %s%s; want %q", got.code, tt.status, got.out, got.err, tt.line)
			}
		})
	}
	if n := len(s.Uploads()); n != 0 {
		t.Errorf("%d files were uploaded", n)
	}
}

func TestCheckBehindAProxy(t *testing.T) {
	t.Parallel()
	proxy := &url.URL{Scheme: "http", Host: "proxy:3128", User: url.UserPassword("me", "secret")}
	f := judge(net.ErrClosed, proxy)
	if f.status != exitProxy || strings.Contains(f.says, "secret") {
		t.Errorf("%+v", f)
	}
	if f := judge(&commbox.Error{StatusCode: 407}, proxy); f.status != exitProxy {
		t.Errorf("%+v", f)
	}
	for _, err := range []error{context.DeadlineExceeded, errors.Join(commbox.ErrConnection, os.ErrPermission)} { // a firewall
		if f := judge(err, nil); f.status != exitUnreachable || f.what != "host" {
			t.Errorf("%v: %+v", err, f)
		}
	}
}
