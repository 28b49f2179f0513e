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

// Check returns the media type of a file and WhatsApp's size limit for it in bytes.
// The type is the declared one, or else it follows from the extension, or else from
// the first bytes. The error says why WhatsApp would refuse the file, and the remedy:
// the type is on no list of Meta's, or the first bytes show another format than the
// name or the type. First bytes of no known format are not an error.
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
			return contentType, limit, fmt.Errorf("%s is %s, which WhatsApp refuses as %s: %s", name, shown.name, m.contentType, shown.advice())
		}
	}
	return contentType, limit, nil
}

// guess returns the type of a file whose extension is not an accepted one. An
// unknown file is application/octet-stream, which WhatsApp rejects.
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

// unlisted makes the error for a type that is on no list of Meta's.
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

// advice says what to do with a file of this format.
func (f *format) advice() string {
	if f.remedy != "" {
		return f.remedy
	}
	extension, _, _ := strings.Cut(byType(f.types).extensions, " ")
	return fmt.Sprintf("send it as %s, named %s", f.types, extension)
}

// contradicts reports whether a file whose first bytes show a format cannot be of
// type m. A text may begin with any readable character. A PDF may begin with up to
// 1,024 other bytes (ISO 32000-1, annex H).
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

// baseType returns a media type without its parameters, in lower case.
func baseType(t string) string {
	base, _, _ := strings.Cut(t, ";")
	return strings.ToLower(strings.TrimSpace(base))
}

func byType(contentType string) *media {
	base := baseType(contentType)
	return find(accepted[:], func(m *media) bool { return m.contentType == base })
}

// lists reports whether word is in words, which are separated by spaces.
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
