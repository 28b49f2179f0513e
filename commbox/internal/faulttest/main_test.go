package faulttest_test

import (
	"cmp"
	"os"
	"strconv"
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

// seed is what random tests begin with; the nightly workflow sets another each time.
func seed(t *testing.T) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(cmp.Or(os.Getenv("COMMBOX_TEST_SEED"), "1"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
