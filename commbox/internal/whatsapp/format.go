package whatsapp

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"strings"
)

// format is a file format. A file has it by its first bytes or, if WhatsApp does not
// accept the format, also by its extension or type.
type format struct {
	name       string
	types      string // media types, the registered one first
	extensions string // of a format that is not accepted
	magic      string // first bytes: "?" is any byte, "|" stands between alternatives
	remedy     string // for a format that is not accepted
}

// Beginnings of magic, and remedies.
const (
	isoMedia = "????ftyp"                     // up to the brand
	oggPage  = "OggS????????????????????????" // up to the first packet
	pngDepth = "\x89PNG\r\n\x1a\n????IHDR????????"

	toJPEG = "convert it to JPEG"
	toPNG  = "convert it to PNG"
	toMP4  = "convert it to MP4 with H.264 and AAC"
	toMP3  = "convert it to MP3"
	toPDF  = "save it as PDF"
	toText = "name it .txt, or save it as PDF"
	toSend = "send what is in it file by file"
	noCode = "WhatsApp delivers no programs; send a link"
)

// formats are tried in this order: special formats come before general ones.
var formats = [...]format{
	{"PNG with 16 bits per channel", "image/png", "", pngDepth + "\x10", "convert it to 8 bits per channel"},
	{"PNG", "image/png", "", "\x89PNG\r\n\x1a\n", ""},
	{"JPEG in CMYK", "image/jpeg", "", "", "convert it to RGB"},
	{"JPEG", "image/jpeg", "", "\xff\xd8\xff", ""},
	{"WebP", "image/webp", "", "RIFF????WEBP", ""},
	{"PDF", "application/pdf", "", "%PDF-", ""},
	{"HEIC", "image/heic image/heif", ".heic .heif .hif", isoMedia + "hei|" + isoMedia + "hev|" + isoMedia + "mif1|" + isoMedia + "msf1", toJPEG},
	{"AVIF", "image/avif", ".avif", isoMedia + "avi", toJPEG},
	{"MOV", "video/quicktime", ".mov .qt", isoMedia + "qt  |\x00???moov|\x00???mdat|\x00???wide", toMP4},
	{"M4A", "audio/mp4", "", isoMedia + "M4A|" + isoMedia + "M4B", ""},
	{"3GP", "video/3gpp", "", isoMedia + "3g", ""},
	{"MP4", "video/mp4", "", isoMedia, ""},
	{"Ogg with several streams", "audio/ogg", "", oggPage + "OpusHead???????????OggS\x00\x02", "keep one stream, of Opus"},
	{"Opus", "audio/ogg", "", oggPage + "OpusHead", ""},
	{"Ogg without Opus", "video/ogg audio/vorbis", ".ogv", "OggS\x00", "convert it to Ogg with Opus, or to MP3"},
	{"AMR", "audio/amr", "", "#!AMR", ""},
	{"AAC", "audio/aac", "", "\xff\xf1|\xff\xf9|\xff\xf0|\xff\xf8|ADIF", ""},
	{"MP3", "audio/mpeg", "", "\xff\xfb|\xff\xfa|\xff\xf3|\xff\xf2|\xff\xe3|\xff\xe2", ""},
	{"ID3", "audio/mpeg", "", "ID3", ""},
	{"WAV", "audio/wav audio/x-wav audio/wave", ".wav", "RIFF????WAVE", toMP3},
	{"AIFF", "audio/aiff audio/x-aiff", ".aif .aiff .aifc", "FORM????AIF", toMP3},
	{"CAF", "audio/x-caf", ".caf", "caff\x00", toMP3},
	{"FLAC", "audio/flac", ".flac", "fLaC", toMP3},
	{"AVI", "video/x-msvideo", ".avi", "RIFF????AVI ", toMP4},
	{"WebM", "video/webm audio/webm video/x-matroska", ".webm .mkv .mka", "\x1a\x45\xdf\xa3", toMP4},
	{"Flash video", "video/x-flv", ".flv", "FLV\x01", toMP4},
	{"MPEG", "video/mpeg video/mp2t", ".mpg .mpeg .vob .m2ts", "\x00\x00\x01\xba|\x00\x00\x01\xb3", toMP4},
	{"Windows Media", "video/x-ms-wmv audio/x-ms-wma", ".wmv .wma", "\x30\x26\xb2\x75\x8e\x66", toMP4},
	{"GIF", "image/gif", ".gif", "GIF87a|GIF89a", "convert it to PNG, or to MP4 if it moves"},
	{"BMP", "image/bmp", ".bmp", "BM????\x00\x00\x00\x00", toPNG},
	{"TIFF", "image/tiff", ".tif .tiff", "II*\x00|MM\x00*", toJPEG},
	{"JPEG 2000", "image/jp2", ".jp2 .jpx", "\x00\x00\x00\x0cjP  ", toJPEG},
	{"JPEG XL", "image/jxl", ".jxl", "\xff\x0a|\x00\x00\x00\x0cJXL ", toJPEG},
	{"a picture of Photoshop", "image/vnd.adobe.photoshop", ".psd", "8BPS\x00", toJPEG},
	{"an icon", "image/vnd.microsoft.icon image/x-icon", ".ico .cur", "\x00\x00\x01\x00|\x00\x00\x02\x00", toPNG},
	{"SVG", "image/svg+xml", ".svg .svgz", "<svg", toPNG},
	{"PostScript", "application/postscript", ".ps .eps .ai", "%!PS-|\xc5\xd0\xd3\xc6", toPDF},
	{"RTF", "application/rtf text/rtf", ".rtf", "{\\rtf", "save it as PDF or .docx"},
	{"XML", "text/xml application/xml", ".xml", "<?xml", toText},
	{"HTML", "text/html application/xhtml+xml", ".html .htm .xhtml", "", toPDF},
	{"CSV", "text/csv", ".csv .tsv", "", "name it .txt, or save it as .xlsx"},
	{"JSON", "application/json", ".json", "", toText},
	{"OpenDocument", "application/vnd.oasis.opendocument.text", ".odt .ods .odp", "PK\x03\x04??????????????????????????mimetypeapplication/vnd.oasis", "save it as PDF, or in the format of Microsoft Office"},
	{"ZIP", "application/zip", ".zip", "PK\x03\x04|PK\x05\x06", toSend + "; an Office file needs its own extension, such as .docx"},
	{"OLE", "application/x-ole-storage", ".msg", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office file needs its own extension, such as .doc"},
	{"an archive", "application/gzip application/x-7z-compressed", ".gz .tgz .7z .rar .tar .bz2 .xz", "\x1f\x8b|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|BZh?1AY&SY|\xfd7zXZ\x00", toSend},
	{"a program", "application/x-msdownload", ".exe .dll .msi .apk .jar .bat .cmd .sh .js", "MZ|\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe", noCode},
	{"", "application/octet-stream", "", "", "give the file the extension of its format, or its ContentType"},
	{"", "audio/opus", "", "", "the type of Opus in Ogg is " + oggOpus},
}

// oggOpus is the type of a voice message. Without the parameter, an Ogg file may
// have any codec.
const oggOpus = "audio/ogg; codecs=opus"

// sniff returns the format that the first bytes of a file show, or nil.
func sniff(head []byte) *format {
	name := ""
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), "\t\n\f\r ")
	switch {
	case isCMYK(head):
		name = "JPEG in CMYK"
	case bytes.HasPrefix(text, []byte("<")) && bytes.Contains(text, []byte("<svg")) && !bytes.Contains(bytes.ToLower(text), []byte("<html")):
		name = "SVG"
	case strings.HasPrefix(http.DetectContentType(text), "text/html"):
		name = "HTML"
	}
	return find(formats[:], func(f *format) bool { return name == f.name && name != "" || name == "" && f.begins(text) })
}

func (f *format) begins(head []byte) bool {
	for magic := range strings.SplitSeq(f.magic, "|") {
		i := 0
		for i < len(magic) && i < len(head) && (magic[i] == '?' || magic[i] == head[i]) {
			i++
		}
		if i == len(magic) && i > 0 {
			return true
		}
	}
	return false
}

// isText reports whether head has no control characters that text never has.
func isText(head []byte) bool {
	return !bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\f\r\x1b", r) })
}

// isCMYK reports whether head is the beginning of a JPEG in CMYK. It follows the
// segments to the color profile or the frame, whichever comes first.
func isCMYK(head []byte) bool {
	if !bytes.HasPrefix(head, []byte("\xff\xd8\xff")) {
		return false
	}
	for i := 2; i+38 <= len(head) && head[i] == 0xff; i += 2 + int(binary.BigEndian.Uint16(head[i+2:])) {
		switch marker := head[i+1]; {
		case marker == 0xe2 && bytes.HasPrefix(head[i+4:], []byte("ICC_PROFILE")):
			return string(head[i+34:i+38]) == "CMYK"
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			return head[i+9] == 4 // components
		}
	}
	return false
}

// isAnimated returns the animation flag in the VP8X chunk of a WebP file (RFC 9649,
// section 2.7).
func isAnimated(webp []byte) bool {
	return len(webp) > 20 && string(webp[12:16]) == "VP8X" && webp[20]&0x02 != 0
}
