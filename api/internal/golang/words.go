package golang

import (
	_ "embed"
	"regexp"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// wordsText has common words of names in Go's spelling, and words that must not be cut,
// although they look like several words. The words before the first empty line are verbs.
//
//go:embed words.txt
var wordsText string

var verbs, common = func() (verbs []string, common map[string]string) {
	first, _, _ := strings.Cut(wordsText, "\n\n")
	common = map[string]string{}
	for _, word := range strings.Fields(wordsText) {
		common[strings.ToLower(word)] = word
	}
	return strings.Fields(first), common
}()

var (
	wordBegins   = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	capitalsEnd  = regexp.MustCompile(`([A-Z])([A-Z](?:[a-rt-z]|s[a-z]))`) // except before the s of IDs
	betweenWords = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// words splits a name into its words. It uses the common words for a name without
// separators: useridentityid is user, identity, id.
func words(name string) (all []string) {
	if strings.ToUpper(name) == name {
		name = strings.ToLower(name)
	}
	name = capitalsEnd.ReplaceAllString(wordBegins.ReplaceAllString(name, "$1 $2"), "$1 $2")
	for _, word := range strings.Fields(betweenWords.ReplaceAllString(name, " ")) {
		if parts := cut(word); parts != nil {
			all = append(all, parts...)
		} else {
			all = append(all, word)
		}
	}
	return all
}

// cut returns the common words that a word is made of, or nil. It tries long words first.
func cut(word string) []string {
	for i := len(word); i > 0; i-- {
		if common[strings.ToLower(word[:i])] == "" {
			continue
		}
		if rest := cut(word[i:]); rest != nil || i == len(word) {
			return append([]string{word[:i]}, rest...)
		}
	}
	return nil
}

// exported joins words to an exported Go name: UserIdentityID.
func exported(words []string) (name string) {
	for _, word := range words {
		if form := common[strings.ToLower(word)]; form != "" {
			word = form
		}
		name += codegen.UppercaseFirstCharacter(word)
	}
	return name
}

// singular returns the singular of a name: UserIdentity for UserIdentities.
func singular(name string) string {
	for _, ending := range [][2]string{
		{"children", "child"}, {"news", "news"}, {"ies", "y"}, {"sses", "ss"}, {"uses", "us"}, {"xes", "x"}, {"ches", "ch"}, {"shes", "sh"},
		{"ss", "ss"}, {"us", "us"}, {"is", "is"}, {"s", ""},
	} {
		if stem, ok := strings.CutSuffix(name, ending[0]); ok {
			return stem + ending[1]
		}
	}
	return name
}
