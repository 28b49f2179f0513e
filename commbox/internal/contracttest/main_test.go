package contracttest_test

import (
	"os"
	"testing"

	"github.com/commbox-go/client/commbox/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// long is set by make test-long.
var long = os.Getenv("COMMBOX_TEST_LONG") != ""
