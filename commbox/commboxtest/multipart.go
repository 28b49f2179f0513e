package commboxtest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/commbox-go/client/commbox/internal/sample"
)

// checkMultipart reads a multipart body as a stream and checks its parts against the
// properties of the schema. It keeps only the hash of a file.
func (x *exchange) checkMultipart(body io.Reader, boundary string, content *openapi3.MediaType, at string) []problem {
	if boundary == "" {
		return []problem{{"the content type has no boundary", strings.TrimSuffix(at, "/schema")}}
	}
	f := form{content, new(openapi3.Schema), at, strings.TrimSuffix(at, "/schema"), make(map[string]bool)}
	if content.Schema != nil {
		f.schema, f.at = content.Schema.Value, followed(content.Schema.Ref, at)
	}
	var problems []problem
	parts := multipart.NewReader(body, boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // a wrapped io.EOF means that the end of the body is missing
			break
		}
		if err == nil {
			problems = append(problems, x.checkPart(part, f)...)
			_, err = io.Copy(io.Discard, part)
		}
		if err != nil {
			problems = append(problems, problem{"the multipart body cannot be read: " + err.Error(), at})
			break
		}
	}
	_, _ = io.Copy(io.Discard, body)
	for _, name := range f.schema.Required {
		if !f.seen[name] {
			problems = append(problems, problem{fmt.Sprintf("multipart part %q is missing", name), f.at + "/required"})
		}
	}
	return problems
}

// form is what the document says about a multipart body.
type form struct {
	*openapi3.MediaType
	schema  *openapi3.Schema
	at      string // pointer of the schema
	content string // pointer of the media type
	seen    map[string]bool
}

// isOpen reports whether parts are allowed that are not properties.
func (f form) isOpen() bool {
	s := f.schema
	return len(s.Properties) == 0 || len(s.AllOf) > 0 || s.AdditionalProperties.Schema != nil ||
		s.AdditionalProperties.Has != nil && *s.AdditionalProperties.Has
}

var (
	quoted           = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	extendedFileName = regexp.MustCompile(`(?i);\s*filename\*`)
)

// checkPart checks one part against the document.
func (x *exchange) checkPart(part *multipart.Part, f form) []problem {
	header := part.Header.Get("Content-Disposition")
	disposition, params, err := mime.ParseMediaType(header)
	if err != nil || disposition != "form-data" || params["name"] == "" {
		return []problem{{fmt.Sprintf("multipart part with Content-Disposition %q is not a named form-data part (RFC 7578, section 4.2)", header), f.at}}
	}
	name := params["name"]
	what := fmt.Sprintf("multipart part %q", name)
	schema := f.schema.Properties[name]
	if schema == nil {
		if f.isOpen() {
			return nil
		}
		want := strings.Join(slices.Sorted(maps.Keys(f.schema.Properties)), ", ")
		return []problem{{fmt.Sprintf("%s is not in the document (want %q)", what, want), f.at + "/properties"}}
	}
	at := followed(schema.Ref, f.at+pointer("properties", name))
	list := schema.Value.Type.Is(openapi3.TypeArray) && schema.Value.Items != nil
	if f.seen[name] && !list {
		return []problem{{what + " came twice", at}}
	}
	f.seen[name] = true
	if list {
		schema, at = schema.Value.Items, at+"/items"
	}
	if !sample.IsBinary(schema.Value) {
		return x.checkField(part, what, schema, at)
	}

	fileName, hasName := params["filename"]
	contentType := part.Header.Get("Content-Type")
	var problems []problem
	switch {
	case extendedFileName.MatchString(quoted.ReplaceAllString(header, `""`)):
		problems = append(problems, problem{what + " has a filename*, which RFC 7578 (section 4.2) forbids", at})
	case !hasName || fileName == "":
		problems = append(problems, problem{what + " is a file and has no file name", at})
	}
	if mediaType, _, err := mime.ParseMediaType(contentType); err != nil || !strings.Contains(mediaType, "/") {
		problems = append(problems, problem{fmt.Sprintf("%s is a file and has the content type %q", what, contentType), at})
	} else if enc := f.Encoding[name]; enc != nil && enc.ContentType != "" && !matches(enc.ContentType, mediaType) {
		encoding := f.content + pointer("encoding", name, "contentType")
		problems = append(problems, problem{fmt.Sprintf("%s has the content type %q (want %q)", what, mediaType, enc.ContentType), encoding})
	}
	return append(problems, x.readFile(part, fileName, contentType)...)
}

// matches reports whether a content type is in an encoding's list. type/* in the list
// means any subtype.
func matches(list, mediaType string) bool {
	for want := range strings.SplitSeq(list, ",") {
		want = strings.TrimSpace(want)
		prefix, wild := strings.CutSuffix(want, "*")
		if want == mediaType || wild && strings.HasPrefix(mediaType, strings.TrimPrefix(prefix, "*/")) {
			return true
		}
	}
	return false
}

// readFile hashes a file and adds it to the uploads of the request.
func (x *exchange) readFile(file io.Reader, name, contentType string) []problem {
	u := Upload{FileName: name, ContentType: contentType, StreamID: x.target.stream}
	x.uploads = append(x.uploads, u)
	at := len(x.uploads) - 1
	x.records().note(x.entry, func(r *Request) { r.FileName = name })

	hash := sha256.New()
	n, err := io.Copy(hash, file)
	if err != nil {
		return []problem{{"the file cannot be read: " + err.Error(), x.target.pointer("requestBody")}}
	}
	u.Size = n
	u.SHA256 = hex.EncodeToString(hash.Sum(nil))
	u.ID = x.records().newID()
	u.Attempt = x.records().attempt(x.attemptKey(name))
	if x.counted { // this attempt was counted as well
		u.Attempt--
	}
	x.uploads[at] = u
	return nil
}

// checkField checks a part that is a value against its schema.
func (x *exchange) checkField(part io.Reader, what string, schema *openapi3.SchemaRef, at string) []problem {
	data, err := io.ReadAll(io.LimitReader(part, maxValue))
	if err != nil {
		return []problem{{what + " cannot be read: " + err.Error(), at}}
	}
	doc := x.server.doc
	if err := doc.Check(sample.Request, schema.Value, doc.fieldValue([]string{string(data)}, schema.Value)); err != nil {
		return []problem{explain(err, what, schema, at)}
	}
	return nil
}

// peekFileName returns the name of the file in the body. It reads at most 64 KiB of the
// body, and keeps them in peeked.
func (x *exchange) peekFileName() string {
	_, params, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	parts := multipart.NewReader(io.TeeReader(io.LimitReader(x.body, 64<<10), &x.peeked), params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return ""
		}
		if name := fileName(part); name != "" {
			return name
		}
	}
}

// fileName returns the file name of a part as it was sent, or "".
func fileName(part *multipart.Part) string {
	_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	return params["filename"]
}
