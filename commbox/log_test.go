package commbox_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// TestSilentByDefault changes what belongs to the process, and runs beside no
// other test.
func TestSilentByDefault(t *testing.T) {
	var said bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(503))
	c, _ := fakeClient(s)
	if err := upload(t.Context(), c); err != nil || said.Len() > 0 {
		t.Errorf("error %v, logged:\n%s", err, said.String())
	}
}

// TestLogs: a line of level debug for each attempt, one of level warn for each
// retry, and of the stream ID its start.
func TestLogs(t *testing.T) {
	t.Parallel()
	const streamID = "hNyRN_fLUy7rrOrN9jLpipA=="
	s := commboxtest.New(t)
	s.Fail(commboxtest.Status(503), commboxtest.Refuse())
	var said bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, _ := fakeClient(s, commbox.WithLogger(logger))
	if _, err := c.UploadMedia(t.Context(), streamID, smallPDF()); err != nil {
		t.Fatal(err)
	}
	lines := said.String()
	warn, debug := strings.Count(lines, "level=WARN"), strings.Count(lines, "level=DEBUG")
	if warn != 2 || warn+debug != 3 && debug != 3 {
		t.Errorf("%d retries and %d attempts of 2 and 3 were logged:\n%s", warn, debug, lines)
	}
	if strings.Contains(lines, streamID[:12]) || !strings.Contains(lines, streamID[:4]+"…") || strings.Contains(lines, s.Key()) {
		t.Errorf("the stream ID, or the key, is in:\n%s", lines)
	}
}
