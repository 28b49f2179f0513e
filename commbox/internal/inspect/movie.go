package inspect

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/abema/go-mp4"
)

// movie judges the streams of an MP4, M4A or 3GP file. WhatsApp takes H.264 and
// AAC, with at most one audio stream (Meta, Cloud API, supported media types).
func movie(r io.ReadSeeker, wantVideo bool) (warning string) {
	video, audio, err := streams(r)
	for _, codec := range video {
		if codec != "H.264" {
			return fmt.Sprintf("its video is %s: convert it to MP4 with H.264 and AAC", codec)
		}
	}
	for _, codec := range audio {
		if codec != "AAC" {
			return fmt.Sprintf("its audio is %s: convert it to AAC", codec)
		}
	}
	switch {
	case len(audio) > 1:
		return fmt.Sprintf("it has %d audio streams: keep one", len(audio))
	case len(video) > 0 || len(audio) > 0 && !wantVideo:
		return ""
	case len(audio) > 0:
		return "there is no video in it: name it .m4a"
	case err != nil:
		return fmt.Sprintf("it cannot be read (%v): is it cut off?", err)
	default:
		return "there is no video or audio in it: is it cut off?"
	}
}

// codecs has the names of sample entries, and those of MPEG-4 audio by object type
// (RFC 6381, section 3.3).
var codecs = map[string]string{
	"avc1": "H.264", "avc3": "H.264", "hvc1": "HEVC", "hev1": "HEVC", "av01": "AV1", "vp09": "VP9",
	"mp4v": "MPEG-4 Visual", "s263": "H.263", "samr": "AMR", "sawb": "AMR-WB", "alac": "Apple Lossless", "mp4a": "AAC",
	"mp4a.40": "AAC", "mp4a.66": "AAC", "mp4a.67": "AAC", "mp4a.68": "AAC", "mp4a.69": "MP3", "mp4a.6b": "MP3",
}

// streams returns the codecs of the streams that it finds before an error. It reads
// the headers of boxes (ISO/IEC 14496-12) and skips the content of most boxes, so it
// reads little, wherever the index of the file is.
func streams(file io.ReadSeeker) (video, audio []string, err error) {
	// The limit ends the reading of a box that claims to end before it begins.
	r := struct {
		io.Reader
		io.Seeker
	}{io.LimitReader(file, 64<<10), file}
	const minf = "moov/trak/mdia/minf/"
	boxes, err := mp4.ExtractBoxes(r, nil, []mp4.BoxPath{
		path("moov/trak"), path(minf + "vmhd"), path(minf + "smhd"),
		append(path(minf+"stbl/stsd"), mp4.BoxTypeAny()), path(minf + "stbl/stsd/mp4a/esds"),
	})
	var other []string
	found := &other
	for _, box := range boxes {
		switch kind := box.Type.String(); kind {
		case "trak":
			found = &other
		case "vmhd":
			found = &video
		case "smhd":
			found = &audio
		case "esds": // has details of the last codec found
			if kind = audioKind(r, box); kind != "" {
				(*found)[len(*found)-1] = cmp.Or(codecs[kind], kind)
			}
		default:
			*found = append(*found, cmp.Or(codecs[kind], kind))
		}
	}
	return video, audio, err
}

func path(boxes string) (path mp4.BoxPath) {
	for box := range strings.SplitSeq(boxes, "/") {
		path = append(path, mp4.StrToBoxType(box))
	}
	return path
}

// audioKind returns "mp4a." and the object type of the decoder, or "" if the box does
// not have it.
func audioKind(r io.ReadSeeker, esds *mp4.BoxInfo) string {
	var box mp4.Esds
	if _, err := esds.SeekToPayload(r); err == nil {
		_, _ = mp4.Unmarshal(r, esds.Size-esds.HeaderSize, &box, esds.Context)
	}
	for _, d := range box.Descriptors {
		if c := d.DecoderConfigDescriptor; c != nil {
			return fmt.Sprintf("mp4a.%02x", c.ObjectTypeIndication)
		}
	}
	return ""
}
