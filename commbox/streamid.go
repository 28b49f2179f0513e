package commbox

import (
	"net/url"
	"strings"
)

// channel returns the channel that a stream ID names. CommBox shows stream IDs
// percent-encoded and people paste them that way; encoded again, an ID names
// another channel. So it is decoded here, whether it was encoded or not, and
// encoded once by the generated code.
func channel(streamID string) (string, error) {
	id, err := url.PathUnescape(streamID)
	switch {
	case err != nil:
		return "", invalid("stream ID %q: %w", streamID, err)
	case id == "":
		return "", invalid("the stream ID is empty")
	case id == "." || id == "..":
		return "", invalid("stream ID %q would address another path", streamID)
	case strings.ContainsFunc(id, isControl):
		return "", invalid("stream ID %q contains a control character", streamID)
	default:
		return id, nil
	}
}

func isControl(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }
