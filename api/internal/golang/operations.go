package golang

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// verbs begin the names of what operations do.
var verbs = strings.Fields("activate add approve archive assign block broadcast cancel change check clear clone close copy create deactivate " +
	"delete disable download edit enable execute export fetch find forward get import insert invite join jump list login logout mark merge " +
	"move open patch pause post publish put read receive register reject remove rename reopen replace reply reset resend restore resume run " +
	"save schedule search send set share start stop submit subscribe sync tag test transfer trigger unassign unblock unsubscribe update " +
	"upload upsert validate verify")

// readers are those that begin the name of a GET.
var readers = strings.Fields("check download export fetch find get jump list read search test validate verify")

var version = regexp.MustCompile(`^v\d+$`)

// nameOperations gives each operation the name that it has in Go. A name is
// made of what belongs to the operation alone, so that it stays as it is when
// others are added.
func nameOperations(doc *openapi3.T) {
	taken := naming{}
	for op := range operations(doc) {
		op.OperationID = taken.first(operationName(op), pathName(op, strings.ToLower(op.method)))
	}
}

// operationName is the operationId. If that is a single word, a sentence, or
// says that something else is read which is changed, it is what is done to
// what the path leads to.
func operationName(op operation) string {
	words := newVocabulary(op.Summary, op.Description).words(op.OperationID)
	verb := strings.ToLower(op.method)
	switch {
	case len(words) == 0, isSentence(words), op.method != http.MethodGet && strings.EqualFold(words[0], http.MethodGet):
		return pathName(op, verb)
	case len(words) > 1:
		return exported(words)
	case slices.Contains(verbs, strings.ToLower(words[0])):
		verb = words[0]
	}
	return pathName(op, verb)
}

// isSentence reports whether an operationId tells a story: it has more than
// five words, or begins as in "Returns a list of managers".
func isSentence(words []string) bool {
	verb, third := strings.CutSuffix(strings.ToLower(words[0]), "s")
	return len(words) > 5 || len(words) > 2 && third && (slices.Contains(verbs, verb) || verb == "return" || verb == "retrieve")
}

// pathName is what a verb does to what a path leads to: GetObjectIndicators. A
// verb in the path is the better one: SendWhatsappMessage.
func pathName(op operation, verb string) string {
	known := newVocabulary(op.Summary, op.Description)
	var subject, object, versions []string
	segments := strings.Split(strings.Trim(op.path, "/"), "/")
	for i, segment := range segments {
		switch {
		case strings.HasPrefix(segment, "{"), segment == "api":
			continue
		case version.MatchString(segment):
			versions = append(versions, segment)
			continue
		}
		subject = append(subject, object...)
		object = known.words(segment)
		if i+1 < len(segments) && strings.HasPrefix(segments[i+1], "{") {
			object = singular(object)
		}
	}
	of := verbs
	if op.method == http.MethodGet {
		of = readers
	}
	if len(object) > 0 && (slices.Contains(of, object[0]) || strings.EqualFold(object[0], verb)) {
		verb, object = object[0], object[1:]
	}
	return exported(slices.Concat([]string{verb}, subject, object, versions))
}
