package golang

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// verbs begin the names of what operations do. One alone is no name.
var verbs = strings.Fields("activate add approve archive assign block broadcast cancel change check clear clone close copy create deactivate " +
	"delete disable download edit enable execute export fetch find forward get import insert invite join jump list login logout mark merge " +
	"move open patch pause post publish put read receive register reject remove rename reopen replace reply report reset resend restore " +
	"resume run save schedule search send set share start stop submit subscribe sync tag test transfer trigger unassign unblock unsubscribe " +
	"update upload upsert validate verify")

var version = regexp.MustCompile(`^v\d+$`)

// nameOperations gives each operation the name that it has in Go. A name is
// made of what belongs to the operation alone, so that it stays as it is when
// others are added.
func nameOperations(doc *openapi3.T) {
	taken := map[string]bool{}
	for op := range operations(doc) {
		name := operationName(op)
		for i := 2; taken[name]; i++ {
			name = fmt.Sprint(operationName(op), i)
		}
		taken[name] = true
		op.OperationID = name
	}
}

// operationName is the operationId, unless that is a bare verb, a sentence, or
// in capitals with no word to be recognised: then it is what the method does
// to what the path leads to.
func operationName(op operation) string {
	known := newVocabulary(op.Summary, op.Description)
	words := known.words(op.OperationID)
	verb := strings.ToLower(op.method)
	switch {
	case len(words) == 1 && slices.Contains(verbs, strings.ToLower(words[0])):
		verb = words[0]
	case isSentence(op.OperationID, words), len(words) == 0:
	case len(words) == 1 && len(words[0]) > 4 && words[0] != op.OperationID && strings.ToUpper(op.OperationID) == op.OperationID:
	default:
		if unicode.IsLetter([]rune(words[0])[0]) {
			return exported(words)
		}
	}
	return pathName(known, verb, op.path)
}

// isSentence reports whether an operationId tells a story: "Returns a list of
// the managers", or more than five words.
func isSentence(id string, words []string) bool {
	third, isThird := strings.CutSuffix(strings.ToLower(slices.Concat(words, []string{""})[0]), "s")
	return strings.ContainsAny(strings.TrimSpace(id), " \t\n") || len(words) > 5 ||
		len(words) > 2 && isThird && (slices.Contains(verbs, third) || third == "return" || third == "retrieve")
}

// pathName is what a verb does to what a path leads to: GetObjectIndicators. A
// verb in the path is the better one: SendWhatsappMessage.
func pathName(known vocabulary, verb, path string) string {
	var subject, object, versions []string
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i, segment := range segments {
		if strings.HasPrefix(segment, "{") || segment == "api" {
			continue
		}
		if version.MatchString(segment) {
			versions = append(versions, segment)
			continue
		}
		subject = append(subject, object...)
		object = known.words(segment)
		if i+1 < len(segments) && strings.HasPrefix(segments[i+1], "{") {
			object = singular(object)
		}
	}
	if len(object) > 0 && slices.Contains(verbs, object[0]) {
		verb, object = object[0], object[1:]
		subject = singular(subject)
	}
	return exported(slices.Concat([]string{verb}, subject, object, versions))
}
