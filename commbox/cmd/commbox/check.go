package main

import (
	"cmp"
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
	"github.com/commbox-go/client/commbox/internal/await"
)

// finding is a line of the output of check.
type finding struct {
	what, says string
	status     exitStatus
}

func (f finding) String() string { return fmt.Sprintf("%-8s%s", f.what, printable(f.says)) }

func checkCommand() *cobra.Command {
	var stream string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check whether an upload could work, without uploading",
		Long:  help("check"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), 30*time.Second)
			defer cancel()
			key, found := checkKey(ctx)
			if found.status == exitOK {
				fmt.Fprintln(cmd.OutOrStdout(), found)
				found = checkAccess(ctx, key, stream)
			}
			if cmd.Context().Err() == nil { // else the user who interrupted it knows
				fmt.Fprintln(cmd.OutOrStdout(), found)
			}
			return found.status
		},
	}
	cmd.Flags().StringVar(&stream, "stream", os.Getenv("COMMBOX_STREAM_ID"), "the `ID` of the channel, raw or percent-encoded")
	return cmd
}

// checkKey reads the key. If it is a JWT, like CommBox's keys, checkKey also checks the
// expiry.
func checkKey(ctx context.Context) (string, finding) {
	source := commbox.APIKeyEnv("COMMBOX_API_KEY")
	if file := os.Getenv("COMMBOX_API_KEY_FILE"); file != "" && os.Getenv("COMMBOX_API_KEY") == "" {
		source = commbox.APIKeyFile(file)
	}
	key, err := await.Do(ctx, func() (string, error) { return source.Key(ctx) }, func(string) {})
	if err != nil {
		return "", finding{"key", "none: " + reason(err) + "; set COMMBOX_API_KEY or COMMBOX_API_KEY_FILE (CommBox console, Settings > API)", exitNoKey}
	}
	var claims jwt.RegisteredClaims
	_, _, err = jwt.NewParser().ParseUnverified(key, &claims)
	switch {
	case err != nil, claims.ExpiresAt == nil:
		return key, finding{"key", "there; it names no expiry", exitOK}
	case time.Now().After(claims.ExpiresAt.Time):
		return key, finding{"key", "expired on " + claims.ExpiresAt.UTC().Format(time.RFC3339) + "; make another one in the CommBox console under Settings > API", exitExpired}
	default:
		return key, finding{"key", "there; it expires on " + claims.ExpiresAt.UTC().Format(time.RFC3339), exitOK}
	}
}

// checkAccess sends CommBox an empty form, which no server can store.
func checkAccess(ctx context.Context, key, stream string) finding {
	base := cmp.Or(os.Getenv("COMMBOX_BASE_URL"), commbox.DefaultBaseURL)
	client, err := commbox.New(commbox.APIKey(key), commbox.WithBaseURL(base), commbox.WithRetry(commbox.NoRetry()))
	if err != nil {
		return finding{"setup", reason(err), exitUsage}
	}
	_, err = client.API().UploadMediaWithBodyWithResponse(ctx, stream, "multipart/form-data; boundary=x", strings.NewReader("--x--\r\n"))
	at, _ := url.Parse(base) // New has accepted it
	proxy, _ := http.ProxyFromEnvironment(&http.Request{URL: at})
	return judge(err, proxy)
}

// judge makes a finding from the result of the empty form.
func judge(err error, proxy *url.URL) finding {
	answered := new(commbox.Error)
	errors.As(err, &answered)
	var untrusted *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	switch {
	case errors.Is(err, commbox.ErrUnauthorized):
		return finding{"access", "refused: the key is not valid, or the account lets other IP addresses in only (CommBox console, Settings > API): " + reason(err), exitAccess}
	case errors.Is(err, commbox.ErrNotFound):
		return finding{"stream", "CommBox does not know it; check it, and COMMBOX_BASE_URL: " + reason(err), exitStream}
	case errors.Is(err, commbox.ErrRateLimited), errors.Is(err, commbox.ErrServer):
		return finding{"access", "CommBox, or a proxy before it, failed; try again later: " + reason(err), exitTryAgain}
	case errors.Is(err, commbox.ErrInvalidInput):
		return finding{"stream", "cannot be used; give --stream or set COMMBOX_STREAM_ID: " + reason(err), exitStream}
	case errors.As(err, &untrusted), errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		return finding{"TLS", reason(err), exitTLS}
	case err == nil, answered.StatusCode > 0 && answered.StatusCode != http.StatusProxyAuthRequired:
		return finding{"access", "CommBox answers, and takes the key", exitOK}
	case proxy != nil:
		return finding{"proxy", proxy.Redacted() + ": " + reason(err), exitProxy}
	default:
		return finding{"host", reason(err), exitUnreachable}
	}
}
