package commbox_test

import (
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestStreamID(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ id, channel string }{
		"raw":                  {"abc==", "abc=="},
		"encoded":              {"abc%3d%3d", "abc=="},
		"encoded, upper case":  {"abc%3D%3D", "abc=="},
		"encoded twice":        {"abc%253d", "abc%3d"},
		"slash":                {"a/b", "a/b"},
		"encoded slash":        {"a%2Fb", "a/b"},
		"plus":                 {"a+b", "a+b"},
		"encoded plus":         {"a%2Bb", "a+b"},
		"percent":              {"a%25b", "a%b"},
		"question mark":        {"a?b", "a?b"},
		"hash":                 {"a#b", "a#b"},
		"semicolon, ampersand": {"a;b&c", "a;b&c"},
		"space":                {"a b", "a b"},
		"dots inside":          {"../x", "../x"},
		"three dots":           {"...", "..."},
		"not ASCII":            {"ערוץ", "ערוץ"},
		"CommBox's own":        {"hNyRN_fLUy7rrOrN9jLpipA%3d%3d", "hNyRN_fLUy7rrOrN9jLpipA=="},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.New(t)
			if _, err := s.Client().UploadMedia(t.Context(), test.id, smallPDF()); err != nil {
				t.Fatal(err)
			}
			if got := s.Uploads()[0].StreamID; got != test.channel {
				t.Errorf("stream ID %q addressed %q, want %q", test.id, got, test.channel)
			}
		})
	}
}
