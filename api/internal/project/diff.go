package project

import (
	"fmt"
	"sort"
	"strings"
)

const (
	around  = 3   // equal lines around a change
	maxDiff = 400 // lines of one diff that anybody reads
)

// unified compares two texts line by line, as diff -u does. Lines that occur
// once in both texts are its fixed points, so that it takes no longer than
// sorting, whatever the texts are.
func unified(fromName, toName, from, to string) string {
	if from == to {
		return ""
	}
	a, b := lines(from), lines(to)
	out := []string{"--- " + fromName, "+++ " + toName}
	var hunk []string
	startA, startB, countA, countB := 0, 0, 0, 0
	emit := func() {
		if hunk != nil {
			out = append(out, fmt.Sprintf("@@ -%d,%d +%d,%d @@", startA+min(1, countA), countA, startB+min(1, countB), countB))
			out = append(out, hunk...)
			hunk, countA, countB = nil, 0, 0
		}
	}
	add := func(mark string, text []string, inA, inB int) {
		for _, line := range text {
			hunk = append(hunk, mark+line)
		}
		countA, countB = countA+inA*len(text), countB+inB*len(text)
	}
	atA, atB := 0, 0
	for _, m := range append(matches(a, b), match{len(a), len(b), 0}) {
		if m.a > atA || m.b > atB {
			if hunk == nil {
				before := min(around, atA)
				startA, startB = atA-before, atB-before
				add(" ", a[startA:atA], 1, 1)
			}
			add("-", a[atA:m.a], 1, 0)
			add("+", b[atB:m.b], 0, 1)
		}
		atA, atB = m.a+m.n, m.b+m.n
		if hunk != nil && m.n > 2*around {
			add(" ", a[m.a:m.a+around], 1, 1)
			emit()
		} else if hunk != nil {
			add(" ", a[m.a:atA], 1, 1)
		}
	}
	emit()
	if len(out) > maxDiff {
		out = append(out[:maxDiff], fmt.Sprintf("... and %d lines more", len(out)-maxDiff))
	}
	return strings.Join(out, "\n") + "\n"
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// A match is n equal lines from a in the one text and b in the other.
type match struct{ a, b, n int }

// matches returns equal stretches in order, each as long as it can be.
func matches(a, b []string) []match {
	begin := 0 // what both begin with
	for begin < len(a) && begin < len(b) && a[begin] == b[begin] {
		begin++
	}
	found := []match{{0, 0, begin}}
	endA, endB := begin, begin
	for _, p := range append(anchors(a, b), match{len(a), len(b), 0}) {
		if p.a < endA || p.b < endB {
			continue
		}
		from := p
		for from.a > endA && from.b > endB && a[from.a-1] == b[from.b-1] {
			from.a, from.b = from.a-1, from.b-1
		}
		to := p
		for to.a < len(a) && to.b < len(b) && a[to.a] == b[to.b] {
			to.a, to.b = to.a+1, to.b+1
		}
		found = append(found, match{from.a, from.b, to.a - from.a})
		endA, endB = to.a, to.b
	}
	return found
}

// anchors returns the longest run of lines that occur once in either text and
// are in the same order in both.
func anchors(a, b []string) []match {
	count := map[string][4]int{} // occurrences and last index in a and b
	for i, s := range a {
		c := count[s]
		count[s] = [4]int{c[0] + 1, i, c[2], c[3]}
	}
	for i, s := range b {
		c := count[s]
		count[s] = [4]int{c[0], c[1], c[2] + 1, i}
	}
	var once []match
	for i, s := range a {
		if c := count[s]; c[0] == 1 && c[2] == 1 {
			once = append(once, match{i, c[3], 0})
		}
	}
	// Longest increasing subsequence of the indexes in b.
	tails, previous := []int{}, make([]int, len(once))
	for i, m := range once {
		at := sort.Search(len(tails), func(j int) bool { return once[tails[j]].b >= m.b })
		previous[i] = -1
		if at > 0 {
			previous[i] = tails[at-1]
		}
		tails = append(tails[:at], append([]int{i}, tails[min(at+1, len(tails)):]...)...)
	}
	run := make([]match, len(tails))
	for i, at := len(tails)-1, lastOf(tails); i >= 0; i, at = i-1, previous[at] {
		run[i] = once[at]
	}
	return run
}

func lastOf(s []int) int {
	if len(s) == 0 {
		return -1
	}
	return s[len(s)-1]
}
