// Package inspect finds files that WhatsApp takes, but refuses later, when a message
// with the file is sent.
package inspect

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// File returns why WhatsApp will probably refuse the file at path, and the remedy.
// It returns "" if there is no reason. contentType is the type of the upload. A pipe
// is not inspected, because reading would consume it.
func File(path, contentType string) (warning string) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	return Reader(f, contentType)
}

// Reader is File for an opened file. It looks at the streams of a video or an audio
// file, and at the first bytes of another.
func Reader(r io.ReadSeeker, contentType string) (warning string) {
	switch contentType {
	case "video/mp4", "video/3gpp", "audio/mp4":
		return movie(r, strings.HasPrefix(contentType, "video/"))
	case "audio/ogg": // without "codecs=opus"
		return "there is no Opus in it: convert it to Ogg with Opus, or to MP3"
	}
	head, _ := io.ReadAll(io.LimitReader(r, 1024))
	if strings.HasPrefix(contentType, "image/") && http.DetectContentType(head) != contentType ||
		contentType == "application/pdf" && !bytes.Contains(head, []byte("%PDF-")) {
		return fmt.Sprintf("it does not begin like %s: is it damaged?", contentType)
	}
	return ""
}
