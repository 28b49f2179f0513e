package realtest

import (
	"flag"
	"os"
	"testing"

	"github.com/rs/zerolog"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *doomedAddr != "" {
		serveDoomed()
	}
	// These tests wait for timeouts more than they compute.
	_ = flag.Set("test.parallel", "8")
	zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics write to the global logger
	os.Exit(m.Run())
}
