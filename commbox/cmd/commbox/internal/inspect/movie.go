package inspect

import (
	"fmt"
	"io"
	"strings"

	"github.com/abema/go-mp4"
)

// movie judges the streams of an MP4, M4A or 3GP file. WhatsApp takes H.264 and
// AAC, with at most one audio stream (Meta, Cloud API, supported media types).
func movie(r io.ReadSeeker, wantVideo bool) (warning string) {
	streams, err := streamsOf(r)
	video, audio := 0, 0
	for _, s := range streams {
		switch {
		case s.header == "vmhd" && s.codec != "H.264":
			return fmt.Sprintf("its video is %s: convert it to MP4 with H.264 and AAC", s.codec)
		case s.header == "vmhd":
			video++
		case s.header == "smhd" && s.codec != "AAC":
			return fmt.Sprintf("its audio is %s: convert it to AAC", s.codec)
		case s.header == "smhd":
			audio++
		}
	}
	switch {
	case video+audio == 0 && err != nil:
		return fmt.Sprintf("it cannot be read (%v): is it cut off?", err)
	case video+audio == 0:
		return "there is no video or audio in it: is it cut off?"
	case audio > 1:
		return fmt.Sprintf("it has %d audio streams: keep one", audio)
	case wantVideo && video == 0:
		return "there is no video in it: name it .m4a"
	default:
		return ""
	}
}

type stream struct {
	header string // vmhd: video, smhd: audio, "": another
	codec  string
}

// codecs are the names of sample entries, and of MPEG-4 audio by its object type
// (RFC 6381, section 3.3).
var codecs = map[string]string{
	"avc1": "H.264", "avc3": "H.264", "hvc1": "HEVC", "hev1": "HEVC", "av01": "AV1", "vp09": "VP9",
	"mp4v": "MPEG-4 Visual", "s263": "H.263", "samr": "AMR", "sawb": "AMR-WB", "alac": "Apple Lossless", "mp4a": "AAC",
	"mp4a.40": "AAC", "mp4a.66": "AAC", "mp4a.67": "AAC", "mp4a.68": "AAC", "mp4a.69": "MP3", "mp4a.6b": "MP3",
}

// streamsOf finds the streams, as far as r can be read. It reads the headers of
// boxes (ISO/IEC 14496-12) and skips what is in most of them, so that it reads
// little of a file wherever its index is.
func streamsOf(file io.ReadSeeker) (streams []stream, err error) {
	// A box that claims to end before it begins would be read for ever.
	r := struct {
		io.Reader
		io.Seeker
	}{io.LimitReader(file, 64<<10), file}
	path := func(boxes string) (path mp4.BoxPath) {
		for box := range strings.SplitSeq(boxes, "/") {
			path = append(path, mp4.StrToBoxType(box))
		}
		return path
	}
	boxes, err := mp4.ExtractBoxes(r, nil, []mp4.BoxPath{
		path("moov/trak"),
		path("moov/trak/mdia/minf/vmhd"),
		path("moov/trak/mdia/minf/smhd"),
		append(path("moov/trak/mdia/minf/stbl/stsd"), mp4.BoxTypeAny()),
		path("moov/trak/mdia/minf/stbl/stsd/mp4a/esds"),
	})
	for _, box := range boxes {
		kind := box.Type.String()
		if kind == "trak" {
			streams = append(streams, stream{})
			continue
		}
		s := &streams[len(streams)-1]
		switch kind {
		case "vmhd", "smhd":
			s.header = kind
			continue
		case "esds":
			kind = audioKind(r, box)
		}
		if s.codec = codecs[kind]; s.codec == "" {
			s.codec = kind
		}
	}
	return streams, err
}

// audioKind is "mp4a" with the object type of the decoder, if that can be read.
func audioKind(r io.ReadSeeker, esds *mp4.BoxInfo) string {
	var box mp4.Esds
	if _, err := esds.SeekToPayload(r); err != nil || esds.Size > 1<<10 {
		return "mp4a"
	}
	if _, err := mp4.Unmarshal(r, esds.Size-esds.HeaderSize, &box, esds.Context); err != nil {
		return "mp4a"
	}
	for _, d := range box.Descriptors {
		if c := d.DecoderConfigDescriptor; c != nil {
			return fmt.Sprintf("mp4a.%02x", c.ObjectTypeIndication)
		}
	}
	return "mp4a"
}
