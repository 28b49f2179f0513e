package golang

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// common are words that names are made of, and words that look as if they were
// made of others.
//
//go:embed words.txt
var commonText string

var common = func() map[string]bool {
	words := map[string]bool{}
	for _, word := range strings.Fields(commonText) {
		words[word] = true
	}
	return words
}()

// initialisms are written in capitals.
const initialisms = " acl api ascii cpu css dns eof guid html http https id ip json qps ram rpc sla smtp sql ssh tcp tls ttl udp ui " +
	"gid uid uuid uri url utf8 vm xml xmpp xsrf xss sip rtp amqp db ts crm csv ivr jwt otp pdf sms sso "

// A vocabulary has the words of some texts, in lower case, that names may be
// made of besides the common ones. Those of up to three letters are left out:
// too many other words begin or end with them.
type vocabulary map[string]bool

func newVocabulary(texts ...string) vocabulary {
	known := vocabulary{}
	for _, text := range texts {
		for _, word := range split(text) {
			if len(word) > 3 {
				known[strings.ToLower(word)] = true
			}
		}
	}
	return known
}

// words splits a name into its words, also where only the vocabulary shows
// them: useridentityid is user, identity, id.
func (known vocabulary) words(name string) []string {
	if strings.ToUpper(name) == name {
		name = strings.ToLower(name)
	}
	var words []string
	for _, word := range split(name) {
		if strings.ToLower(word) == word {
			words = append(words, known.cut(word)...)
		} else {
			words = append(words, word)
		}
	}
	return words
}

// cut splits a word into as few known ones as possible. What is not made of
// known words, or is a common one, stays whole.
func (known vocabulary) cut(word string) []string {
	if common[word] {
		return []string{word}
	}
	best := make([][]string, len(word)+1) // of the first i bytes
	best[0] = []string{}
	for i := 1; i <= len(word); i++ {
		for j := range i {
			if (common[word[j:i]] || known[word[j:i]]) && i-j < len(word) && best[j] != nil && (best[i] == nil || len(best[j])+1 < len(best[i])) {
				best[i] = append(slices.Clone(best[j]), word[j:i])
			}
		}
	}
	if whole := best[len(word)]; whole != nil {
		return whole
	}
	return []string{word}
}

// split returns the words of a name or a text by their case and what is
// between them: getUserIDs is get, User, IDs.
func split(name string) []string {
	var words []string
	runes := []rune(name)
	start := 0
	end := func(i int) {
		if i > start {
			words = append(words, string(runes[start:i]))
		}
		start = i
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end(i)
			start = i + 1
		case i == start:
		case unicode.IsUpper(r) && !unicode.IsUpper(runes[i-1]):
			end(i)
		case unicode.IsLower(r) && unicode.IsUpper(runes[i-1]) && !isPlural(runes[i:]):
			end(i - 1)
		}
	}
	end(len(runes))
	return words
}

// isPlural reports whether what follows capitals makes many of them: IDs.
func isPlural(rest []rune) bool {
	return rest[0] == 's' && (len(rest) == 1 || !unicode.IsLower(rest[1]))
}

// exported joins words to a name that Go exports: UserIdentityID.
func exported(words []string) string {
	var b strings.Builder
	for _, word := range words {
		lower := strings.ToLower(word)
		stem, plural := strings.CutSuffix(lower, "s")
		switch {
		case isInitialism(lower):
			b.WriteString(strings.ToUpper(word))
		case plural && isInitialism(stem):
			b.WriteString(strings.ToUpper(stem) + "s")
		default:
			if len(word) > 3 && strings.ToUpper(word) == word {
				word = lower // shouted
			}
			first := []rune(word)
			first[0] = unicode.ToUpper(first[0])
			b.WriteString(string(first))
		}
	}
	name := b.String()
	if first, _ := utf8.DecodeRuneInString(name); name != "" && !unicode.IsUpper(first) {
		return "N" + name // a digit, or a letter without capitals
	}
	return name
}

func isInitialism(word string) bool { return strings.Contains(initialisms, " "+word+" ") }

// singular makes one of several of the last word: user identities are many a
// user identity.
func singular(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	words = slices.Clone(words)
	last := &words[len(words)-1]
	for _, ending := range [][2]string{
		{"children", "child"}, {"people", "person"}, {"alias", "alias"}, {"news", "news"}, {"series", "series"}, {"statuses", "status"},
		{"ss", "ss"}, {"us", "us"}, {"is", "is"}, {"ies", "y"}, {"sses", "ss"}, {"xes", "x"}, {"ches", "ch"}, {"shes", "sh"}, {"s", ""},
	} {
		if stem, ok := strings.CutSuffix(strings.ToLower(*last), ending[0]); ok && len(*last) > 2 {
			*last = (*last)[:len(stem)] + ending[1]
			break
		}
	}
	return words
}
