package golang

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// common are words that names are made of, and words that look as if they were
// made of others, by their lower case: each as Go writes it.
//
//go:embed words.txt
var commonText string

var common = func() map[string]string {
	forms := map[string]string{}
	for _, word := range strings.Fields(commonText) {
		forms[strings.ToLower(word)] = word
	}
	return forms
}()

var (
	wordBegins   = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	capitalsEnd  = regexp.MustCompile(`([A-Z])([A-Z](?:[a-rt-z]|s[a-z]))`) // but not before the s of IDs
	betweenWords = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// words splits a name into its words, also where only the common words show
// them: useridentityid is user, identity, id.
func words(name string) (all []string) {
	if strings.ToUpper(name) == name {
		name = strings.ToLower(name)
	}
	name = capitalsEnd.ReplaceAllString(wordBegins.ReplaceAllString(name, "$1 $2"), "$1 $2")
	for _, word := range strings.Fields(betweenWords.ReplaceAllString(name, " ")) {
		all = append(all, cut(word)...)
	}
	return all
}

// cut splits a word into as few common ones as possible. What is not made of
// them, or is one, stays whole.
func cut(word string) []string {
	lower := strings.ToLower(word)
	best := make([][]string, len(word)+1) // of the first i bytes
	best[0] = []string{}
	for i := 1; i <= len(word); i++ {
		for j := range i {
			if common[lower[j:i]] != "" && best[j] != nil && (best[i] == nil || len(best[j])+1 < len(best[i])) {
				best[i] = append(slices.Clone(best[j]), word[j:i])
			}
		}
	}
	if whole := best[len(word)]; whole != nil {
		return whole
	}
	return []string{word}
}

// exported joins words to a name that Go exports: UserIdentityID.
func exported(words []string) (name string) {
	for _, word := range words {
		if form := common[strings.ToLower(word)]; form != "" {
			word = form
		}
		name += codegen.UppercaseFirstCharacter(word)
	}
	if name != "" && !unicode.IsLetter(rune(name[0])) {
		return "N" + name
	}
	return name
}

// singular makes one of several of the last word: user identities are many a
// user identity.
func singular(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	words = slices.Clone(words)
	last := &words[len(words)-1]
	for _, ending := range [][2]string{
		{"children", "child"}, {"news", "news"}, {"ies", "y"}, {"sses", "ss"}, {"uses", "us"}, {"xes", "x"}, {"ches", "ch"}, {"shes", "sh"},
		{"ss", "ss"}, {"us", "us"}, {"is", "is"}, {"s", ""},
	} {
		if stem, ok := strings.CutSuffix(strings.ToLower(*last), ending[0]); ok && len(*last) > 2 {
			*last = (*last)[:len(stem)] + ending[1]
			break
		}
	}
	return words
}
