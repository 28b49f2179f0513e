package faulttest_test

import (
	"os"
	"testing"

	"github.com/commbox-go/client/commbox/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// long is set by make test-long: every cell, and the full counts.
var long = os.Getenv("COMMBOX_TEST_LONG") != ""

// count is how many there are of something in the two forms of a test.
func count[T int | int64](short, full T) T {
	if long {
		return full
	}
	return short
}
