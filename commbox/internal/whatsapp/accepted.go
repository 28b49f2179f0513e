package whatsapp

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

// media is a type that WhatsApp accepts. It has its own list of extensions, because
// package mime gives different answers on different machines.
type media struct {
	contentType string
	limit       int64  // bytes
	extensions  string // the usual one first
	formats     string // names of the formats that its first bytes may show
}

const openXML = "application/vnd.openxmlformats-officedocument."

// A new Office file (.docx) is a ZIP, or an OLE container if it is encrypted. Phones
// write the brand of 3GP into files named .mp4.
var accepted = [...]media{
	{"image/jpeg", imageLimit, ".jpg .jpeg", "JPEG"},
	{"image/png", imageLimit, ".png", "PNG"},
	{"video/mp4", videoLimit, ".mp4", "MP4 M4A 3GP"},
	{"video/3gpp", videoLimit, ".3gp .3gpp", "3GP MP4"},
	{"audio/aac", audioLimit, ".aac", "AAC ID3"},
	{"audio/amr", audioLimit, ".amr", "AMR"},
	{"audio/mpeg", audioLimit, ".mp3", "MP3 ID3"},
	{"audio/mp4", audioLimit, ".m4a", "M4A MP4 3GP"},
	{"audio/ogg", audioLimit, ".ogg .opus", "Opus"},
	{"text/plain", documentLimit, ".txt", ""},
	{"application/pdf", documentLimit, ".pdf", "PDF"},
	{"application/msword", documentLimit, ".doc", "OLE RTF"},
	{"application/vnd.ms-excel", documentLimit, ".xls", "OLE"},
	{"application/vnd.ms-powerpoint", documentLimit, ".ppt", "OLE"},
	{openXML + "wordprocessingml.document", documentLimit, ".docx", "ZIP OLE"},
	{openXML + "spreadsheetml.sheet", documentLimit, ".xlsx", "ZIP OLE"},
	{openXML + "presentationml.presentation", documentLimit, ".pptx", "ZIP OLE"},
	{"image/webp", stickerLimit, ".webp", "WebP"},
}
