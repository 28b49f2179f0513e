package document

import (
	"bytes"
	"sort"
)

// positions numbers the lines of all sources through, so that the line of a
// node also says which file it came from. 0 stands for what the overlay made.
type positions struct {
	names  []string
	starts []int // number of each file's first line
	next   int
}

// add takes in a file and returns the number of its first line.
func (p *positions) add(name string, data []byte) int {
	start := p.next + 1
	p.names = append(p.names, name)
	p.starts = append(p.starts, start)
	p.next += bytes.Count(data, []byte("\n")) + 1
	return start
}

// find returns the file and the line in it.
func (p *positions) find(line int) (name string, n int) {
	i := sort.SearchInts(p.starts, line+1) - 1
	if i < 0 {
		return "", 0
	}
	return p.names[i], line - p.starts[i] + 1
}
