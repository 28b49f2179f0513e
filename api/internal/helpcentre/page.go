package helpcentre

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
)

const maxPage = 4 << 20 // bytes; all of CommBox's operations in one document are half a megabyte

// A page of the help centre.
type page struct {
	url  *url.URL
	file []byte // the content of its file, old or new; nil: none
	etag string // of file
}

// name returns the name of its file.
func (p *page) name() string { return path.Base(p.url.Path) }

// key returns the key of its ETag in memory. It contains a hash of the file, so that the
// ETag of another content is not found.
func (p *page) key() string { return fmt.Sprintf("%s %x", p.url, sha256.Sum256(p.file)) }

var (
	link     = regexp.MustCompile(`(?m)^[ \t]*[-*+][ \t]+\[.*?\]\([ \t]*<?([^\s>)]+)`)
	fileName = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]*\.md$`)
)

// pages returns the pages that an index links to in its list items, each once. It leaves
// out links to other hosts, and links that do not end in a file name.
func pages(index []byte, base *url.URL) (listed []*page) {
	seen := map[string]bool{}
	for _, m := range link.FindAllSubmatch(index, -1) {
		place, err := base.Parse(string(m[1]))
		if err != nil || place.Scheme != base.Scheme || place.Host != base.Host {
			continue
		}
		if place.Fragment, place.RawQuery = "", ""; path.Ext(place.Path) == "" {
			place.Path, place.RawPath = path.Clean(place.Path)+".md", "" // the text of the page
		}
		if p := (&page{url: place}); fileName.MatchString(p.name()) && !seen[place.String()] {
			seen[place.String()] = true
			listed = append(listed, p)
		}
	}
	return listed
}

// get downloads the page. If there is an ETag, it does so only if the page has changed.
func (p *page) get(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url.String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "commbox-go-fetch (+https://github.com/commbox-go/client)")
	if p.etag != "" {
		req.Header.Set("If-None-Match", p.etag)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusNotModified:
		return nil
	case http.StatusNotFound, http.StatusGone:
		p.file, p.etag = nil, ""
		return nil
	case http.StatusOK:
		p.etag = resp.Header.Get("ETag")
		p.file, err = io.ReadAll(io.LimitReader(resp.Body, maxPage+1))
	default:
		err = fmt.Errorf("the help centre answers %s", resp.Status)
	}
	if len(p.file) > maxPage {
		err = fmt.Errorf("is larger than %d MiB", maxPage>>20)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", p.url.Redacted(), err)
	}
	return nil
}

// sameHost follows a few redirects within the help centre.
func sameHost(req *http.Request, via []*http.Request) error {
	if first := via[0].URL; req.URL.Host != first.Host || req.URL.Scheme != first.Scheme || len(via) > 5 {
		return fmt.Errorf("%s redirects to another place, or too often", first.Redacted())
	}
	return nil
}
