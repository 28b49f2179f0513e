package mediatest

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// MP4 is a file of the ISO base media format (ISO/IEC 14496-12) with one video
// track, unless video is empty, and audio tracks of the given codecs, which are named
// as in RFC 6381. It has no samples.
func MP4(brand, video string, audio ...string) []byte {
	tracks := ""
	if video != "" {
		tracks += track("vide", "vmhd", box(video, zeros(24)+"\x00\x08\x00\x08"+zeros(50)))
	}
	for _, codec := range audio {
		kind, object, ok := strings.Cut(codec, ".")
		decoder := ""
		if ok {
			b, err := hex.DecodeString(object)
			must(err)
			decoder = box("esds", zeros(4)+"\x03\x12"+zeros(3)+"\x04\x0d"+string(b)+"\x15"+zeros(11))
		}
		tracks += track("soun", "smhd", box(kind, zeros(16)+"\x00\x02\x00\x10"+zeros(4)+"\xbb\x80"+zeros(2)+decoder))
	}
	movie := box("mvhd", zeros(12)+long(1000)+zeros(80))
	return []byte(box("ftyp", brand+zeros(4)+"isom") + box("moov", movie+tracks) + box("mdat", ""))
}

// track is a track with one sample entry.
func track(handler, header, entry string) string {
	samples := box("stsd", zeros(4)+long(1)+entry) +
		box("stts", zeros(8)) + box("stsc", zeros(8)) + box("stsz", zeros(12)) + box("stco", zeros(8))
	media := box("mdhd", zeros(12)+long(1000)+zeros(8)) +
		box("hdlr", zeros(8)+handler+zeros(13)) +
		box("minf", box(header, zeros(12))+box("stbl", samples))
	return box("trak", box("tkhd", zeros(84))+box("mdia", media))
}

func box(kind, content string) string { return long(uint32(8+len(content))) + kind + content }

func long(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }

func zeros(n int) string { return strings.Repeat("\x00", n) }
