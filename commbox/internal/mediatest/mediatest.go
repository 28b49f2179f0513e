// Package mediatest makes short files for tests: some that WhatsApp accepts, some that
// it refuses, and some that a dry run warns about.
package mediatest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"unicode/utf16"
)

// File is one file.
type File struct {
	Name   string
	Data   []byte
	Remedy string // what the error or the warning must contain
}

// Good are files that WhatsApp accepts.
func Good() []File {
	jpg := JPEG()
	return []File{
		{"baseline.jpg", jpg, ""},
		{"progressive.jpeg", bytes.Replace(jpg, []byte("\xff\xc0\x00"), []byte("\xff\xc2\x00"), 1), ""},
		{"EXIF.JPG", segment(jpg, 0xe1, "Exif\x00\x00"+strings.Repeat("x", 3000)), ""},
		{"RGB profile.jpg", segment(jpg, 0xe2, "ICC_PROFILE\x00\x01\x01"+strings.Repeat("x", 16)+"RGB XYZ "), ""},
		{"rgba.png", encodePNG(image.NewNRGBA(square)), ""},
		{"gray.png", encodePNG(image.NewGray(square)), ""},
		{"palette.png", encodePNG(image.NewPaletted(square, color.Palette{color.Black, color.White})), ""},
		{"still.webp", []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"), ""},
		{"isom.mp4", MP4("isom", "avc1", "mp4a.40"), ""},
		{"mp42.mp4", MP4("mp42", "avc1", "mp4a"), ""},
		{"from an iPhone.mp4", MP4("M4V ", "avc1", "mp4a"), ""},
		{"from a phone.mp4", MP4("3gp4", "avc1", "mp4a"), ""},
		{"clip.3gp", MP4("3gp4", "avc1", "mp4a"), ""},
		{"song.m4a", MP4("M4A ", "", "mp4a"), ""},
		{"adts.aac", []byte("\xff\xf1\x50\x80\x02\x1f\xfc\xde\x02\x00"), ""},
		{"tagged.aac", []byte("ID3\x04\x00\x00\x00\x00\x00\x0a          \xff\xf1\x50\x80"), ""},
		{"note.amr", []byte("#!AMR\n\x3c\x91\x17\x16"), ""},
		{"tagged.mp3", []byte("ID3\x03\x00\x00\x00\x00\x00\x0a          \xff\xfb\x90\x64"), ""},
		{"bare.mp3", []byte("\xff\xfb\x90\x64\x00\x0f\xf0\x00"), ""},
		{"MPEG 2.mp3", []byte("\xff\xf3\x84\xc4\x00\x00\x00\x00"), ""},
		{"voice.ogg", ogg("OpusHead\x01\x01"), ""},
		{"voice.opus", ogg("OpusHead\x01\x02"), ""},
		{"letter.doc", ole(), ""}, {"sheet.xls", ole(), ""}, {"slides.ppt", ole(), ""},
		{"RTF in the place of Word.doc", []byte(`{\rtf1\ansi hello}`), ""},
		{"letter.docx", zipped("[Content_Types].xml", "word/document.xml"), ""},
		{"sheet.xlsx", zipped("xl/workbook.xml", "[Content_Types].xml"), ""},
		{"slides.pptx", zipped("_rels/.rels", "ppt/presentation.xml"), ""},
		{"encrypted.docx", ole(), ""},
		{"offer.pdf", []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), ""},
		{"junk before.pdf", []byte("\x00\x01HTTP/1.1 200 OK\r\n\r\n<html>" + strings.Repeat("-", 900) + "%PDF-1.4\n"), ""},
		{"ASCII.txt", []byte("MZ, BM and GIF89a are how other files begin.\n"), ""},
		{"UTF-8.txt", []byte("שלום עולם, naïve €\n"), ""},
		{"UTF-8 with a mark.txt", []byte("\xef\xbb\xbf<b>שלום</b>\n"), ""},
		{"UTF-16LE.txt", wide("\ufeffשלום, ID3", binary.LittleEndian), ""},
		{"UTF-16BE.txt", wide("\ufeffשלום, ID3", binary.BigEndian), ""},
		{"UTF-16 without a mark.txt", wide("שלום hello", binary.LittleEndian), ""},
		{"Latin-1.txt", []byte("na\xefve caf\xe9, \xff\xfb\n"), ""},
		{"windows-1255.txt", []byte("\xf9\xec\xe5\xed \xf2\xe5\xec\xed\r\n"), ""},
		{"code page 862.txt", []byte("\x99\x8c\x85\x8d 20\xf8C\r\n"), ""},
		{"source.txt", []byte("<!DOCTYPE html>\n<html></html>\n"), ""},
		{"TypeScript.ts", []byte("const a = 1\n"), ""}, {"no extension", []byte("%PDF-1.7\n"), ""},
	}
}

// Bad are files that WhatsApp refuses because of their first bytes or their names.
func Bad() []File {
	const (
		toJPEG = "convert it to JPEG"
		toMP4  = "convert it to MP4"
		toMP3  = "MP3"
	)
	jpg, heic := JPEG(), []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
	mov, exe := MP4("qt  ", "avc1", "mp4a"), []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00")
	wav, svg := []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"), []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`)
	moving := encodeGIF()
	return []File{
		{"photo.heic", heic, toJPEG}, {"HEIC.jpg", heic, toJPEG}, {"HEIC.png", heic, toJPEG},
		{"a photo, HEIC", heic, toJPEG}, {"HEIF.jpeg", []byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00"), toJPEG},
		{"renamed.heic", jpg, "named .jpg"}, {"photo.avif", []byte("\x00\x00\x00\x1cftypavif"), toJPEG},
		{"PDF.png", []byte("%PDF-1.7\n"), "named .pdf"}, {"PDF.txt", []byte("%PDF-1.7\n"), "named .pdf"},
		{"PNG.jpg", encodePNG(image.NewNRGBA(square)), "named .png"}, {"JPEG.png", jpg, "named .jpg"}, {"JPEG.pdf", jpg, "named .jpg"},
		{"16 bits.png", encodePNG(image.NewNRGBA64(square)), "8 bits"}, {"16 bits of gray.png", encodePNG(image.NewGray16(square)), "8 bits"},
		{"CMYK.jpg", CMYK(), "RGB"},
		{"CMYK profile.jpg", segment(jpg, 0xe2, "ICC_PROFILE\x00\x01\x01"+strings.Repeat("x", 16)+"CMYKLab "), "RGB"},
		{"CMYK behind EXIF.jpg", segment(CMYK(), 0xe1, "Exif\x00\x00"+strings.Repeat("x", 3000)), "RGB"},
		{"clip.mov", mov, toMP4}, {"MOV.mp4", mov, toMP4}, {"old MOV.mp4", []byte("\x00\x00\x00\x08wide\x00\x00\x10\x00mdat"), toMP4},
		{"clip.webm", []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01"), toMP4}, {"WebM.mp4", []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01"), toMP4},
		{"clip.avi", []byte("RIFF\x24\x00\x00\x00AVI LIST"), toMP4},
		{"clip.mkv", []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01"), toMP4}, {"Flash.mp4", []byte("FLV\x01\x05\x00\x00\x00\x09"), toMP4}, {"DVD.mp4", []byte("\x00\x00\x01\xba\x44"), toMP4},
		{"Opus.mp4", ogg("OpusHead\x01\x01"), "named .ogg"}, {"Opus.mp3", ogg("OpusHead\x01\x01"), "named .ogg"},
		{"Vorbis.ogg", ogg("\x01vorbis"), "Opus"}, {"FLAC.ogg", ogg("\x7fFLAC"), "Opus"}, {"Speex.ogg", ogg("Speex   "), "Opus"},
		{"PCM.ogg", ogg("PCM     "), "Opus"}, {"Opus and video.ogg", append(ogg("OpusHead\x01\x01"+zeros(9)), ogg("\x80theora")...), "one stream"},
		{"sound.wav", wav, toMP3}, {"WAV.mp3", wav, toMP3}, {"song.flac", []byte("fLaC\x00\x00\x00\x22"), toMP3},
		{"AIFF.mp3", []byte("FORM\x00\x00\x00\x2eAIFFCOMM"), toMP3}, {"CAF.m4a", []byte("caff\x00\x01\x00\x00desc"), toMP3}, {"sound.aiff", []byte("?"), toMP3},
		{"AAC.mp3", []byte("\xff\xf1\x50\x80\x02\x1f\xfc"), "named .aac"}, {"MP4.mp3", MP4("isom", "avc1", "mp4a"), "named .mp4"},
		{"moving.gif", moving, "PNG"}, {"GIF.png", moving, "PNG"}, {"GIF", moving, "PNG"},
		{"logo.svg", svg, "PNG"}, {"SVG.png", svg, "PNG"}, {"logo.bmp", []byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36"), "PNG"},
		{"scan.tiff", []byte("II*\x00\x08\x00\x00\x00"), toJPEG},
		{"JPEG 2000.jpg", []byte("\x00\x00\x00\x0cjP  \r\n\x87\n"), toJPEG}, {"JPEG XL.jpg", []byte("\xff\x0a\xfa\x1f"), toJPEG}, {"layers.psd", []byte("8BPS\x00\x01"), toJPEG},
		{"favicon.ico", []byte("\x00\x00\x01\x00\x01\x00"), "PNG"}, {"icon.png", []byte("\x00\x00\x01\x00\x01\x00"), "PNG"}, {"PostScript.pdf", []byte("%!PS-Adobe-3.0\n"), "PDF"},
		{"page.html", []byte("<!DOCTYPE html><html></html>"), "PDF"}, {"an error page.pdf", []byte("\r\n<html><body>404</body></html>"), "PDF"},
		{"an error page.jpg", []byte("<!doctype html>\n<title>Sign in</title>"), "PDF"}, {"HTML.xls", []byte("<html><table></table></html>"), "PDF"},
		{"all.zip", zipped("a.txt"), "file by file"}, {"ZIP.pdf", zipped("a.txt"), "file by file"}, {"Word", zipped("word/document.xml"), ".docx"},
		{"OpenDocument.docx", zipped("mimetype"), "Microsoft Office"}, {"letter.odt", zipped("mimetype"), "Microsoft Office"},
		{"Word 2007.doc", zipped("word/document.xml"), ".docx"}, {"old Word", ole(), ".doc"},
		{"setup.exe", exe, "program"}, {"EXE.pdf", exe, "program"}, {"EXE.txt", exe, "program"}, {"setup.sh", []byte("#!/bin/sh\n"), "program"},
		{"ELF.docx", []byte("\x7fELF\x02\x01\x01\x00"), "program"}, {"all.tar.gz", []byte("\x1f\x8b\x08\x00"), "file by file"},
		{"rows.csv", []byte("a,b\n1,2\n"), ".txt"}, {"data.json", []byte(`{"a": 1}`), ".txt"},
		{"letter.rtf", []byte(`{\rtf1 hello}`), "PDF"}, {"nothing known", []byte("\x00\x01\x02"), "extension"},
	}
}

// Deep are files that an upload does not refuse, but a dry run warns about.
func Deep() []File {
	return []File{
		{"HEVC.mp4", MP4("isom", "hvc1", "mp4a"), "H.264"},
		{"two audio streams.mp4", MP4("isom", "avc1", "mp4a", "mp4a"), "audio"},
		{"MP3 in MP4.mp4", MP4("isom", "avc1", "mp4a.6b"), "MP3"},
		{"sound only.mp4", MP4("isom", "", "mp4a"), ".m4a"},
		{"cut off.mp4", MP4("isom", "avc1", "mp4a")[:100], "cut off"},
		{"H.263.3gp", MP4("3gp4", "s263", "samr"), "H.264"},
		{"JSON.jpg", []byte(`{"error":"not found"}`), "image/jpeg"},
		{"Base64.pdf", []byte("JVBERi0xLjcKJeLjz9MK"), "application/pdf"},
		{"Opus in MP4.mp4", MP4("isom", "avc1", "Opus"), "AAC"},
	}
}

var square = image.Rect(0, 0, 8, 8)

// JPEG is a small baseline JPEG.
func JPEG() []byte {
	var b bytes.Buffer
	must(jpeg.Encode(&b, image.NewRGBA(square), nil))
	return b.Bytes()
}

// CMYK is the head of a JPEG whose frame has four components.
func CMYK() []byte {
	const frame = "\xff\xc0\x00\x14\x08\x00\x08\x00\x08\x04\x01\x11\x00\x02\x11\x00\x03\x11\x00\x04\x11\x00"
	return []byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x02" + frame + strings.Repeat("\x00", 64))
}

// segment returns jpg with one more segment at its beginning.
func segment(jpg []byte, marker byte, data string) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, marker}, uint16(len(data)+2))
	return append(append(head, data...), jpg[2:]...)
}

func encodePNG(m image.Image) []byte {
	var b bytes.Buffer
	must(png.Encode(&b, m))
	return b.Bytes()
}

func encodeGIF() []byte {
	var b bytes.Buffer
	must(gif.Encode(&b, image.NewRGBA(square), nil))
	return b.Bytes()
}

// ogg is a page with the first packet of a stream (RFC 3533).
func ogg(packet string) []byte {
	return []byte("OggS\x00\x02" + strings.Repeat("\x00", 20) + "\x01" + string(rune(len(packet))) + packet)
}

// ole is the head of an old Office file (.doc).
func ole() []byte {
	return append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 504)...)
}

// zipped is a ZIP archive with entries of these names, not compressed.
func zipped(names ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.CreateRaw(&zip.FileHeader{Name: name})
		must(err)
		if name == "mimetype" { // of OpenDocument
			_, err = w.Write([]byte("application/vnd.oasis.opendocument.text"))
			must(err)
		}
	}
	must(z.Close())
	return b.Bytes()
}

func wide(text string, order binary.AppendByteOrder) (b []byte) {
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
