package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// asProgram is the variable with which a test binary is the program itself, so
// that tests can run it as processes of its own.
const asProgram = "JETSTREAM_EXAMPLE_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// long skips a test that is one of `make test-long`.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("COMMBOX_TEST_LONG") == "" {
		t.Skip("a long test: COMMBOX_TEST_LONG is not set")
	}
}

// TestProgram does what the comment on the program says, one command after the
// other, with a queue that is kept in a folder.
func TestProgram(t *testing.T) {
	server := newCommBox(t)
	t.Setenv("COMMBOX_API_KEY", server.Key())
	t.Setenv("COMMBOX_BASE_URL", server.URL)
	t.Setenv("COMMBOX_STREAM_ID", "hNyRN_fLUy7rrOrN9jLpipA%3d%3d")
	t.Setenv("NATS_URL", "")
	store := filepath.Join(t.TempDir(), "store")
	command := func(name string, args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var out bytes.Buffer
		if err := run(ctx, append([]string{name, "-store", store}, args...), &out); err != nil || ctx.Err() != nil {
			t.Fatalf("%s: %v, %v", name, err, ctx.Err())
		}
		return out.String()
	}

	var paths []string
	for i := range 5 {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("offer %d.pdf", i))
		if err := os.WriteFile(path, fmt.Appendf(nil, "%%PDF-1.7 %d", i), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	command("enqueue", paths...)
	command("enqueue", paths...) // the same jobs
	if err := os.Remove(paths[4]); err != nil {
		t.Fatal(err)
	}
	command("work", "-drain")
	first := command("results")
	command("enqueue", paths[:4]...)
	command("work", "-drain")
	if again := command("results"); again != first {
		t.Errorf("results %s\nbecame %s", first, again)
	}

	var stored, failed int
	for line := range bytes.Lines([]byte(first)) {
		var r Result
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		switch {
		case r.MediaID != "" && r.Reason == "":
			stored++
		case r.MediaID == "" && r.Reason != "" && r.Job.Path == paths[4]:
			failed++
		default:
			t.Errorf("result %s", line)
		}
	}
	if uploads := len(server.Uploads()); stored != 4 || failed != 1 || uploads != 4 {
		t.Errorf("%d stored, %d failed, %d uploads", stored, failed, uploads)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"frobnicate"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

// newCommBox is a CommBox that must see nothing but correct requests.
func newCommBox(t *testing.T, opts ...commboxtest.Option) *commboxtest.Server {
	t.Helper()
	server := commboxtest.NewServer(opts...)
	t.Cleanup(func() {
		server.Close()
		for _, v := range server.Violations() {
			t.Error(v)
		}
	})
	return server
}

// testLogger writes to the log of a test, for as long as that runs.
func testLogger(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}
