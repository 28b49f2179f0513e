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
	resp, err := client.API().UploadMediaWithBodyWithResponse(ctx, stream, "multipart/form-data; boundary=x", strings.NewReader("--x--\r\n"))
	if err == nil && (resp.JSON200 == nil || string(resp.JSON200.Status)+resp.JSON200.Description == "") {
		err = &commbox.Error{StatusCode: resp.StatusCode()}
	}
	at, _ := url.Parse(base) // New has accepted it
	proxy, _ := http.ProxyFromEnvironment(&http.Request{URL: at})
	return judge(err, proxy)
}

// judge makes a finding from the result of the empty form. Only an answer in CommBox's
// envelope is one of CommBox.
func judge(err error, proxy *url.URL) finding {
	answered := new(commbox.Error)
	errors.As(err, &answered)
	var untrusted *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	// After the 30 seconds of check, the error has no remedy of its own.
	f, bad := cmp.Or(remedyFor(err), remedyFor(commbox.ErrConnection)), errors.Is(err, commbox.ErrBadRequest)
	switch {
	case err == nil, bad && answered.Status+answered.Description != "":
		return finding{"access", "CommBox answers, and takes the key", exitOK}
	case errors.Is(err, commbox.ErrInvalidInput):
		f = finding{"stream", "give --stream or set COMMBOX_STREAM_ID", exitStream}
	case errors.As(err, &untrusted), errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		f = finding{"TLS", "if the host has a certificate authority of its own, set SSL_CERT_FILE", exitTLS}
	case proxy != nil && (answered.StatusCode == 0 || answered.StatusCode == http.StatusProxyAuthRequired):
		f = finding{"proxy", "the proxy is " + proxy.Redacted(), exitProxy}
	case bad, answered.StatusCode == http.StatusNotImplemented:
		f = remedyFor(commbox.ErrInvalidResponse)
	}
	f.says = reason(err) + "; " + f.says
	return f
}
