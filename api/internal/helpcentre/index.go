package helpcentre

import (
	"net/url"
	"path"
	"regexp"
)

var (
	link     = regexp.MustCompile(`(?m)^[ \t]*[-*+][ \t]+\[.*?\]\([ \t]*<?([^\s>)]+)`)
	fileName = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]*\.md$`)
)

// pages returns the pages that an index lists, each once: the links of list
// lines. Links to other hosts are left out, and those that do not end in the
// name of a file.
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
