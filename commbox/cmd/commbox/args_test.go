package main

import (
	"slices"
	"testing"
)

func TestFlagsMayStandAnywhere(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--demo", "--workers", "7", "a.pdf", "b c.pdf"},
		{"a.pdf", "--demo", "b c.pdf", "--workers=7"},
		{"a.pdf", "b c.pdf", "-workers", "7", "-demo"},
		{"--demo", "a.pdf", "--workers", "7", "--", "b c.pdf"},
	} {
		a, err := parseUpload(args)
		if err != nil || !a.demo || a.workers != 7 || !slices.Equal(a.files, []string{"a.pdf", "b c.pdf"}) {
			t.Errorf("%q: %+v, %v", args, a, err)
		}
	}
}

func TestAllIsAFileAfterTwoDashes(t *testing.T) {
	t.Parallel()
	a, err := parseUpload([]string{"--demo", "--", "--json", "-x.pdf", "--"})
	if err != nil || a.json || !slices.Equal(a.files, []string{"--json", "-x.pdf", "--"}) {
		t.Errorf("%+v, %v", a, err)
	}
}
