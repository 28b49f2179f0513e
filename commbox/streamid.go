package commbox

import "github.com/commbox-go/client/commbox/wire"

// checkStreamID refuses what names no channel before a file is opened for it.
// The generated code does it again, and encodes the ID.
func checkStreamID(streamID string) error {
	if _, err := wire.ID(streamID); err != nil {
		return invalid("stream ID %w", err)
	}
	return nil
}
