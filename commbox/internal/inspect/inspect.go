// Package inspect looks for what WhatsApp refuses only when a message with the
// file is sent.
package inspect

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// File says what WhatsApp will probably refuse in the file at path, and the
// remedy, or "". The type is what an upload of the file has. A pipe cannot be
// looked at without taking something from it.
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

// Reader is File for what has been opened. It looks at the streams of a video,
// and at the beginning of others.
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
