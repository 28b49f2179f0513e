package helpcentre

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

const (
	maxPage   = 4 << 20 // bytes; all of CommBox's operations in one document are half a megabyte
	userAgent = "commbox-go-fetch (+https://github.com/commbox-go/client)"
)

// An answer to a request for a page.
type answer struct {
	status         int // 200, 304 (not modified), 404 or 410
	body           []byte
	etag           string
	holdsOperation bool
}

// get asks for a page: only for one that is newer, if there is an ETag.
func get(ctx context.Context, client *http.Client, page *url.URL, etag string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page.String(), nil)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("User-Agent", userAgent)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, etag: resp.Header.Get("ETag")}
	switch a.status {
	case http.StatusNotModified, http.StatusNotFound, http.StatusGone:
		return a, nil
	case http.StatusOK:
		a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxPage+1))
	default:
		err = fmt.Errorf("the help centre answers %s", resp.Status)
	}
	if len(a.body) > maxPage {
		err = fmt.Errorf("is larger than %d MiB", maxPage>>20)
	}
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", page.Redacted(), err)
	}
	return a, nil
}

// sameHost follows redirects within the help centre only.
func sameHost(req *http.Request, via []*http.Request) error {
	if first := via[0].URL; req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
		return fmt.Errorf("%s redirects to another place", first.Redacted())
	}
	if len(via) > 5 {
		return fmt.Errorf("redirects too often")
	}
	return nil
}
