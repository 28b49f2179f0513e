package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commbox-go/client/api/internal/document"
)

// defectsHead says what api/defects.txt is to those who open it.
const defectsHead = `# Defects of CommBox's that were worked around: where in api/openapi.json or in what CommBox published, and what.
# make generate writes this file. Review it like code: what is in it was accepted, and only what is new is shown.
`

// defectsFile is the content of api/defects.txt.
func defectsFile(found document.Problems) []byte {
	var lines []string
	for _, d := range unknown(found, nil) {
		lines = append(lines, line(d))
	}
	slices.Sort(lines)
	return []byte(defectsHead + strings.Join(lines, ""))
}

// line names a defect without the place in a file, which moves.
func line(d document.Problem) string {
	d.File, d.Line, d.Fix = "", 0, ""
	return strings.ReplaceAll(d.Error(), "\n", " ") + "\n"
}

// unknown returns the defects that are not in the file yet.
func unknown(found document.Problems, file []byte) (fresh document.Problems) {
	known := map[string]bool{}
	for l := range strings.Lines(string(file)) {
		known[l] = true
	}
	for _, d := range found {
		if l := line(d); !d.Note && !known[l] {
			known[l] = true
			fresh = append(fresh, d)
		}
	}
	return fresh
}

// Summary has one line for each kind of defect: how many there are, and where
// the first is.
func Summary(found document.Problems) string {
	var lines []string
	for len(found) > 0 {
		first, all := found[0], len(found)
		found = slices.DeleteFunc(slices.Clone(found), func(d document.Problem) bool { return d.What == first.What })
		times := ""
		if n := all - len(found); n > 1 {
			times = fmt.Sprintf("%d times, first ", n)
		}
		lines = append(lines, times+first.Error())
	}
	return strings.Join(lines, "\n")
}
