package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/spf13/cobra"

	"github.com/commbox-go/client/commbox"
)

// What "commbox check" can find, as exit statuses.
const (
	exitNoKey       exitStatus = 10
	exitExpired     exitStatus = 11
	exitStream      exitStatus = 12
	exitUnreachable exitStatus = 13
	exitTLS         exitStatus = 14
	exitProxy       exitStatus = 15
	exitAccess      exitStatus = 16
)

const checkHelp = `Looks at the key, the stream ID and the way to CommBox, and stops at the first
thing that is wrong. It asks CommBox with a form that has no file: nothing is
uploaded.

` + environment + `

exit status of check:
  0   an upload has what it needs
  2   the command line or the environment cannot work
  3   CommBox, or a proxy before it, failed: another run may help
  10  there is no key, or it cannot be read
  11  the key has expired; it says so itself
  12  the stream ID cannot be used, or CommBox does not know it
  13  the host cannot be reached
  14  the certificate is not trusted, or the host speaks no TLS
  15  the proxy fails
  16  CommBox refuses the key, or this machine's IP address
  130 interrupted`

// checkLimit is how long CommBox is given to answer.
const checkLimit = 30 * time.Second

func checkCommand(std streams) *cobra.Command {
	var stream string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Find out whether an upload could work, without one",
		Long:  checkHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), checkLimit)
			defer cancel()
			for _, look := range []func() finding{
				func() finding { return checkKey(time.Now()) },
				func() finding { return checkStream(ctx, stream) },
				func() finding { return checkAccess(ctx, stream) },
			} {
				f := look()
				if cmd.Context().Err() != nil {
					return exitInterrupted
				}
				fmt.Fprintf(std.out, "%-8s%s\n", f.what, printable(f.says))
				if f.status != exitOK {
					return f.status
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&stream, "stream", os.Getenv("COMMBOX_STREAM_ID"), "the channel, an `ID` raw or percent-encoded")
	_ = cmd.RegisterFlagCompletionFunc("stream", cobra.NoFileCompletions)
	return cmd
}

// finding is a line of the check.
type finding struct {
	what, says string
	status     exitStatus
}

// checkKey reads the key and, if it is a JWT as CommBox makes them, its expiry.
func checkKey(now time.Time) finding {
	key := os.Getenv("COMMBOX_API_KEY")
	if file := os.Getenv("COMMBOX_API_KEY_FILE"); strings.TrimSpace(key) == "" && file != "" {
		info, err := os.Stat(file)
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("%s is no regular file", file)
		}
		var data []byte
		if err == nil {
			data, err = os.ReadFile(file)
		}
		if err != nil {
			return finding{"key", "COMMBOX_API_KEY_FILE: " + err.Error(), exitNoKey}
		}
		key = string(data)
	}
	if key = strings.TrimSpace(key); key == "" {
		return finding{"key", "none; set COMMBOX_API_KEY or COMMBOX_API_KEY_FILE (CommBox console, Settings > API)", exitNoKey}
	}
	return judgeKey(key, now)
}

func judgeKey(key string, now time.Time) finding {
	var claims jwt.RegisteredClaims
	_, _, err := jwt.NewParser().ParseUnverified(key, &claims)
	switch {
	case err != nil:
		return finding{"key", "there; it is no JWT, so that its expiry is not known", exitOK}
	case claims.ExpiresAt == nil:
		return finding{"key", "there; it never expires", exitOK}
	case !now.Before(claims.ExpiresAt.Time):
		return finding{"key", "expired on " + claims.ExpiresAt.UTC().Format(time.RFC3339) + "; make another one in the CommBox console under Settings > API", exitExpired}
	default:
		return finding{"key", "there; it expires on " + claims.ExpiresAt.UTC().Format(time.RFC3339), exitOK}
	}
}

// checkStream has the client look at the stream ID, by an upload to nowhere.
func checkStream(ctx context.Context, stream string) finding {
	if stream == "" {
		return finding{"stream", "none; give --stream or set COMMBOX_STREAM_ID", exitStream}
	}
	client, err := commbox.New(commbox.APIKey("unused"), commbox.WithHTTPClient(&http.Client{Transport: nowhere{}}))
	if err == nil {
		_, err = client.UploadMedia(ctx, stream, commbox.FromBytes("check.txt", []byte("check")))
	}
	if err != nil {
		return finding{"stream", reason(err), exitStream}
	}
	return finding{"stream", "well formed", exitOK}
}

// checkAccess asks CommBox with an empty form, which no server can store.
func checkAccess(ctx context.Context, stream string) finding {
	client, err := commbox.NewFromEnv(commbox.WithRetry(commbox.NoRetry()))
	if err != nil {
		return finding{"address", reason(err), exitUsage}
	}
	base := os.Getenv("COMMBOX_BASE_URL")
	if base == "" {
		base = commbox.DefaultBaseURL
	}
	var proxy *url.URL
	if req, err := http.NewRequestWithContext(ctx, http.MethodGet, base, nil); err == nil {
		proxy, _ = http.ProxyFromEnvironment(req)
	}
	began := time.Now()
	code := 0
	resp, err := client.API().UploadMediaWithBody(ctx, stream, "multipart/form-data; boundary=x", strings.NewReader("--x--\r\n"))
	var answered *commbox.Error
	switch {
	case err == nil:
		code = resp.StatusCode
		resp.Body.Close()
	case errors.As(err, &answered):
		code = answered.StatusCode
	}
	f := judgeAccess(code, err, proxy)
	if f.status == exitOK {
		f.says += fmt.Sprintf(", in %v", time.Since(began).Round(time.Millisecond))
	}
	return f
}

// judgeAccess says what an answer to the empty form means; code 0: there is none.
func judgeAccess(code int, err error, proxy *url.URL) finding {
	var untrusted *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return finding{"access", fmt.Sprintf("refused (%d): the key is not valid, or the account lets other IP addresses in only (CommBox console, Settings > API)", code), exitAccess}
	case code == http.StatusNotFound:
		return finding{"stream", "CommBox does not know it (404); check it, and COMMBOX_BASE_URL", exitStream}
	case code == http.StatusProxyAuthRequired:
		return finding{"proxy", "wants a user and a password (407)", exitProxy}
	case code == http.StatusTooManyRequests || code >= 500:
		return finding{"access", fmt.Sprintf("CommBox, or a proxy before it, answered %d; try again later", code), exitTryAgain}
	case code != 0:
		return finding{"access", fmt.Sprintf("CommBox answers, and takes the key (%d to an empty form)", code), exitOK}
	case errors.As(err, &untrusted) || errors.As(err, &noTLS) || errors.Is(err, http.ErrSchemeMismatch):
		return finding{"TLS", reason(err), exitTLS}
	case proxy != nil:
		return finding{"proxy", proxy.Redacted() + ": " + reason(err), exitProxy}
	default:
		return finding{"host", reason(err), exitUnreachable}
	}
}
