package helpcentre

import (
	"bytes"
	"net/url"
	"path"
	"regexp"
)

var (
	link     = regexp.MustCompile(`^\s*[-*+]\s+\[.*?\]\(\s*<?([^\s>)]+)`)
	fileName = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]*\.md$`)
)

// pages returns the pages that an index lists, each once: the links of list
// lines. Links to other hosts are left out, and those that do not end in the
// name of a file.
func pages(index []byte, base *url.URL) []*url.URL {
	var listed []*url.URL
	seen := map[string]bool{}
	for line := range bytes.Lines(index) {
		m := link.FindSubmatch(line)
		if m == nil {
			continue
		}
		page, err := base.Parse(string(m[1]))
		if err != nil || page.Scheme != base.Scheme || page.Host != base.Host {
			continue
		}
		if page.Fragment, page.RawQuery = "", ""; path.Ext(page.Path) == "" {
			page.Path, page.RawPath = path.Clean(page.Path)+".md", "" // the text of the page
		}
		if !fileName.MatchString(fileOf(page)) || seen[page.String()] {
			continue
		}
		seen[page.String()] = true
		listed = append(listed, page)
	}
	return listed
}

// fileOf is the name of a page's file in api/published.
func fileOf(page *url.URL) string { return path.Base(page.Path) }
