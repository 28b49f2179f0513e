package commbox

import (
	"mime"
	"net/http"
	"path"
	"strings"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// Limits of WhatsApp by kind of media (Meta, Cloud API, supported media types).
const (
	imageLimit           = 5 * mib
	videoLimit           = 16 * mib
	audioLimit           = 16 * mib
	documentLimit        = 100 * mib
	stickerLimit         = 100 * kib
	animatedStickerLimit = 500 * kib
)

// media is a type that WhatsApp accepts. The extensions are here and not left
// to package mime, whose answers differ from machine to machine.
type media struct {
	contentType string
	limit       int64 // bytes
	extensions  []string
}

var accepted = [...]media{
	{"image/jpeg", imageLimit, []string{".jpg", ".jpeg"}},
	{"image/png", imageLimit, []string{".png"}},
	{"video/mp4", videoLimit, []string{".mp4"}},
	{"video/3gpp", videoLimit, []string{".3gp", ".3gpp"}},
	{"audio/aac", audioLimit, []string{".aac"}},
	{"audio/amr", audioLimit, []string{".amr"}},
	{"audio/mpeg", audioLimit, []string{".mp3"}},
	{"audio/mp4", audioLimit, []string{".m4a"}},
	{"audio/ogg", audioLimit, []string{".ogg", ".opus"}},
	{"text/plain", documentLimit, []string{".txt"}},
	{"application/pdf", documentLimit, []string{".pdf"}},
	{"application/msword", documentLimit, []string{".doc"}},
	{"application/vnd.ms-excel", documentLimit, []string{".xls"}},
	{"application/vnd.ms-powerpoint", documentLimit, []string{".ppt"}},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", documentLimit, []string{".docx"}},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", documentLimit, []string{".xlsx"}},
	{"application/vnd.openxmlformats-officedocument.presentationml.presentation", documentLimit, []string{".pptx"}},
	{"image/webp", stickerLimit, []string{".webp"}},
}

// sniffLen is how much of a file its type is guessed from, in bytes.
const sniffLen = 512

// contentType is the type of a file by its extension, else by its first bytes.
// WhatsApp rejects application/octet-stream, which is all that is left where
// neither says anything.
func contentType(name string, head []byte) string {
	extension := strings.ToLower(path.Ext(name))
	for _, m := range accepted {
		for _, e := range m.extensions {
			if e == extension {
				return m.contentType
			}
		}
	}
	if byExtension := baseType(mime.TypeByExtension(extension)); byExtension != "" {
		return byExtension
	}
	return baseType(http.DetectContentType(head))
}

// baseType is a media type without its parameters, in lower case.
func baseType(t string) string {
	base, _, _ := strings.Cut(t, ";")
	return strings.ToLower(strings.TrimSpace(base))
}

// mediaLimit is WhatsApp's limit for a type in bytes, or 0 if it has none.
func mediaLimit(contentType string, head []byte) int64 {
	base := baseType(contentType)
	for _, m := range accepted {
		if m.contentType == base {
			if base == "image/webp" && isAnimated(head) {
				return animatedStickerLimit
			}
			return m.limit
		}
	}
	return 0
}

// isAnimated reads the animation flag of a WebP file's VP8X chunk (RFC 9649,
// section 2.7).
func isAnimated(webp []byte) bool {
	return len(webp) > 20 && string(webp[12:16]) == "VP8X" && webp[20]&0x02 != 0
}
