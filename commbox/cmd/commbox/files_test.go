package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// expanded lists what args stand for, relative to dir; a path without a file
// is marked.
func expanded(dir string, recursive bool, args ...string) []string {
	var rows []row
	for _, arg := range args {
		rows = append(rows, expand(dir+string(filepath.Separator)+filepath.FromSlash(arg), recursive)...)
	}
	var list []string
	for _, e := range rows {
		name := filepath.ToSlash(strings.TrimPrefix(e.File, dir+string(filepath.Separator)))
		if e.err != nil {
			name += " (error)"
		}
		list = append(list, name)
	}
	return list
}

func TestExpand(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("file names with * and ? cannot be made on Windows")
	}
	dir := tree(t, "a.pdf", "b c.pdf", "הצעה.pdf", "z.jpg", ".hidden.pdf",
		"sub/d.pdf", "sub/deep/e.pdf", "sub/.git/f.pdf", "other/g.pdf", "empty/.keep",
		"[1].pdf", "1.pdf", "what?.pdf")
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("sub", "linked dir")
	link("z.jpg", "linked.jpg")
	link("gone", "broken.jpg")
	all := []string{"1.pdf", "[1].pdf", "a.pdf", "b c.pdf", "broken.jpg (error)", "linked.jpg", "what?.pdf", "z.jpg", "הצעה.pdf"}

	for name, tt := range map[string]struct {
		args      []string
		recursive bool
		want      []string
	}{
		"a file":                       {args: []string{"a.pdf"}, want: []string{"a.pdf"}},
		"order and repetition kept":    {args: []string{"z.jpg", "a.pdf", "z.jpg"}, want: []string{"z.jpg", "a.pdf", "z.jpg"}},
		"a hidden file by name":        {args: []string{".hidden.pdf"}, want: []string{".hidden.pdf"}},
		"what is missing":              {args: []string{"gone.pdf"}, want: []string{"gone.pdf"}},
		"a directory":                  {args: []string{"."}, want: all},
		"a directory of directories":   {args: []string{"sub"}, want: []string{"sub/d.pdf"}},
		"with all below":               {args: []string{"sub"}, recursive: true, want: []string{"sub/d.pdf", "sub/deep/e.pdf"}},
		"an empty directory":           {args: []string{"empty"}, want: nil},
		"a link to a directory":        {args: []string{"linked dir"}, want: []string{"linked dir/d.pdf"}},
		"a pattern":                    {args: []string{"*c.pdf"}, want: []string{"b c.pdf"}},
		"hidden files are not matched": {args: []string{"*hidden*"}, want: []string{"*hidden* (error)"}},
		"unless the dot is there":      {args: []string{".*.pdf"}, want: []string{".hidden.pdf"}},
		"a pattern for directories":    {args: []string{"su*"}, want: []string{"sub/d.pdf"}},
		"with a slash":                 {args: []string{"su*/"}, want: []string{"sub/d.pdf"}},
		"a pattern in the middle":      {args: []string{"*/?.pdf"}, want: []string{"linked dir/d.pdf", "other/g.pdf", "sub/d.pdf"}},
		"a name below a pattern":       {args: []string{"s*/d.pdf"}, want: []string{"sub/d.pdf"}},
		"nothing matches":              {args: []string{"*.zip"}, want: []string{"*.zip (error)"}},
		"a name before a pattern":      {args: []string{"[1].pdf", "what?.pdf"}, want: []string{"[1].pdf", "what?.pdf"}},
		"a pattern that is none":       {args: []string{"[x.pdf"}, want: []string{"[x.pdf (error)"}},
		"a pattern in Hebrew":          {args: []string{"הצ*.pdf"}, want: []string{"הצעה.pdf"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := expanded(dir, tt.recursive, tt.args...); !slices.Equal(got, tt.want) {
				t.Errorf("have %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestExpandReportsWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := tree(t, "closed/a.pdf", "open.pdf")
	closed := filepath.Join(dir, "closed")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(closed, 0o700) })
	if _, err := os.ReadDir(closed); err == nil {
		t.Skip("this user may read everything")
	}
	var errs []error
	for _, e := range expand(dir, true) {
		if e.err != nil {
			errs = append(errs, e.err)
		}
	}
	if len(errs) != 1 || !errors.Is(errs[0], fs.ErrPermission) {
		t.Errorf("have %v, want one refusal", errs)
	}
}
