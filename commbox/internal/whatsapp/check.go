// Package whatsapp knows which files WhatsApp accepts (Meta, Cloud API, supported
// media types).
package whatsapp

import (
	"bytes"
	"fmt"
	"net/http"
	"path"
	"strings"
)

// Check finds the media type of a file, declared or by its extension, else
// by its first bytes, and WhatsApp's limit for it in bytes. The error says what
// WhatsApp would refuse the file for, and the remedy: a type that is on no list
// of Meta's, or first bytes that show another format than name or type do.
// Bytes that show no known format contradict nothing.
func Check(name, declared string, head []byte) (contentType string, limit int64, err error) {
	extension := strings.ToLower(path.Ext(name))
	named := find(accepted[:], func(m *media) bool { return lists(m.extensions, extension) })
	shown := sniff(head)
	switch contentType = declared; {
	case declared != "":
	case named != nil:
		contentType = named.contentType
	default:
		contentType = guess(extension, shown, head)
	}
	if declared == "" && contentType == "audio/ogg" && shown != nil && shown.name == "Opus" {
		contentType = oggOpus
	}
	typed := byType(contentType)
	if typed == nil {
		return contentType, 0, unlisted(contentType, shown)
	}
	limit = typed.limit
	if typed.contentType == "image/webp" && isAnimated(head) {
		limit = animatedStickerLimit
	}
	for _, m := range []*media{named, typed} {
		if m != nil && shown != nil && m.contradicts(shown, head) {
			return contentType, limit, fmt.Errorf("%q is %s, which WhatsApp refuses as %s: %s", name, shown.name, m.contentType, shown.advice())
		}
	}
	return contentType, limit, nil
}

// guess is the type of a file whose extension is none of the accepted ones.
// What says nothing is application/octet-stream, which WhatsApp rejects.
func guess(extension string, shown *format, head []byte) string {
	if f := find(formats[:], func(f *format) bool { return lists(f.extensions, extension) }); f != nil {
		shown = f
	}
	if shown != nil {
		contentType, _, _ := strings.Cut(shown.types, " ")
		return contentType
	}
	return baseType(http.DetectContentType(head))
}

// unlisted is the error for a type that is on no list of Meta's.
func unlisted(contentType string, shown *format) error {
	base := baseType(contentType)
	refused := find(formats[:], func(f *format) bool { return lists(f.types, base) })
	switch {
	case shown != nil && shown.remedy == "" && (refused == nil || refused.name != ""):
		return fmt.Errorf("WhatsApp does not accept %s, but the file is %s: %s", base, shown.name, shown.advice())
	case refused != nil:
		return fmt.Errorf("WhatsApp does not accept %s: %s", base, refused.remedy)
	default:
		return fmt.Errorf("WhatsApp does not accept %s: convert the file to JPEG, PNG, MP4, MP3, PDF, an Office format or plain text", base)
	}
}

// advice is what to do with a file that shows this format.
func (f *format) advice() string {
	if f.remedy != "" {
		return f.remedy
	}
	extension, _, _ := strings.Cut(byType(f.types).extensions, " ")
	return fmt.Sprintf("send it as %s, named %s", f.types, extension)
}

// contradicts reports whether a file that shows a format is not of this type.
// Text may begin with anything that can be read, and a PDF with 1,024 bytes of
// anything (ISO 32000-1, annex H).
func (m *media) contradicts(shown *format, head []byte) bool {
	switch m.contentType {
	case "text/plain":
		return shown.name == "PDF" || !isText(head)
	case "application/pdf":
		return !bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-"))
	default:
		return !lists(m.formats, shown.name)
	}
}

// baseType is a media type without its parameters, in lower case.
func baseType(t string) string {
	base, _, _ := strings.Cut(t, ";")
	return strings.ToLower(strings.TrimSpace(base))
}

func byType(contentType string) *media {
	base := baseType(contentType)
	return find(accepted[:], func(m *media) bool { return m.contentType == base })
}

// lists reports whether a word is one of words, which spaces part.
func lists(words, word string) bool {
	for w := range strings.FieldsSeq(words) {
		if w == word {
			return true
		}
	}
	return false
}

func find[T any](in []T, is func(*T) bool) *T {
	for i := range in {
		if is(&in[i]) {
			return &in[i]
		}
	}
	return nil
}
